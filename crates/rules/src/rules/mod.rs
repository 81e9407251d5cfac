//! The registry: every rule has one line here, in its group and in the list.

mod retries {
    pub(super) mod keepalive_recycle_race;
    pub(super) mod keepalive_without_keep_conn;
    pub(super) mod proxy_keepalive_ineffective;
    pub(super) mod retry_non_idempotent;
    pub(super) mod retry_poisons_pool;
    pub(super) mod retry_runs_script_twice;
    pub(super) mod retry_unbounded;
    pub(super) mod retry_without_second_server;
}

mod buffers {
    pub(super) mod body_limit_below_upload;
    pub(super) mod body_limit_raised_too_late;
    pub(super) mod buffering_off_with_slow_clients;
    pub(super) mod busy_buffers_invalid;
    pub(super) mod header_buffer_too_small;
    pub(super) mod output_buffering_above_memory;
    pub(super) mod post_limit_above_memory;
    pub(super) mod post_limit_below_body_limit;
    pub(super) mod post_limit_below_upload;
    pub(super) mod request_buffering_off;
    pub(super) mod temp_files_off;
}

mod allow {
    pub(super) mod allow_without_reason;
    pub(super) mod unused_allow;
}
mod sockets {
    pub(super) mod allowed_clients_mismatch;
    pub(super) mod duplicate_listen;
    pub(super) mod loopback_listen_other_container;
    pub(super) mod pool_without_route;
    pub(super) mod protocol_mixup;
    pub(super) mod script_filename_missing;
    pub(super) mod socket_permission;
    pub(super) mod socket_without_pool;
    pub(super) mod tcp_exposed;
}
mod timeouts {
    pub(super) mod chain_without_margin;
    pub(super) mod connect_timeout_too_long;
    pub(super) mod default_socket_timeout_above_chain;
    pub(super) mod execution_time_overridden;
    pub(super) mod max_execution_above_read;
    pub(super) mod max_execution_time_ineffective;
    pub(super) mod max_execution_time_off;
    pub(super) mod max_input_time_above_chain;
    pub(super) mod outer_timeout_shorter;
    pub(super) mod read_timeout_below_terminate;
    pub(super) mod read_timeout_zero;
    pub(super) mod reload_kills_requests;
    pub(super) mod retry_multiplies_wait;
    pub(super) mod send_timeout_below_read;
    pub(super) mod slowlog_above_terminate;
    pub(super) mod slowlog_off;
    pub(super) mod slowlog_without_file;
    pub(super) mod terminate_below_max_execution;
    pub(super) mod terminate_gap_too_small;
    pub(super) mod terminate_timeout_negative;
    pub(super) mod terminate_timeout_off;
    pub(super) mod timeout_unit_suspect;
}

use crate::rule::Rule;

pub(crate) use allow::unused_allow::UNUSED_ALLOW;

/// All rules, sorted by id.
pub(crate) static ALL: &[&Rule] = &[
    &allow::allow_without_reason::ALLOW_WITHOUT_REASON,
    &sockets::allowed_clients_mismatch::ALLOWED_CLIENTS_MISMATCH,
    &buffers::body_limit_below_upload::BODY_LIMIT_BELOW_UPLOAD,
    &buffers::body_limit_raised_too_late::BODY_LIMIT_RAISED_TOO_LATE,
    &buffers::buffering_off_with_slow_clients::BUFFERING_OFF_WITH_SLOW_CLIENTS,
    &buffers::busy_buffers_invalid::BUSY_BUFFERS_INVALID,
    &timeouts::chain_without_margin::CHAIN_WITHOUT_MARGIN,
    &timeouts::connect_timeout_too_long::CONNECT_TIMEOUT_TOO_LONG,
    &timeouts::default_socket_timeout_above_chain::DEFAULT_SOCKET_TIMEOUT_ABOVE_CHAIN,
    &sockets::duplicate_listen::DUPLICATE_LISTEN,
    &timeouts::execution_time_overridden::EXECUTION_TIME_OVERRIDDEN,
    &buffers::header_buffer_too_small::HEADER_BUFFER_TOO_SMALL,
    &retries::keepalive_recycle_race::KEEPALIVE_RECYCLE_RACE,
    &retries::keepalive_without_keep_conn::KEEPALIVE_WITHOUT_KEEP_CONN,
    &sockets::loopback_listen_other_container::LOOPBACK_LISTEN_OTHER_CONTAINER,
    &timeouts::max_execution_above_read::MAX_EXECUTION_ABOVE_READ,
    &timeouts::max_execution_time_ineffective::MAX_EXECUTION_TIME_INEFFECTIVE,
    &timeouts::max_execution_time_off::MAX_EXECUTION_TIME_OFF,
    &timeouts::max_input_time_above_chain::MAX_INPUT_TIME_ABOVE_CHAIN,
    &timeouts::outer_timeout_shorter::OUTER_TIMEOUT_SHORTER,
    &buffers::output_buffering_above_memory::OUTPUT_BUFFERING_ABOVE_MEMORY,
    &sockets::pool_without_route::POOL_WITHOUT_ROUTE,
    &buffers::post_limit_above_memory::POST_LIMIT_ABOVE_MEMORY,
    &buffers::post_limit_below_body_limit::POST_LIMIT_BELOW_BODY_LIMIT,
    &buffers::post_limit_below_upload::POST_LIMIT_BELOW_UPLOAD,
    &sockets::protocol_mixup::PROTOCOL_MIXUP,
    &retries::proxy_keepalive_ineffective::PROXY_KEEPALIVE_INEFFECTIVE,
    &timeouts::read_timeout_below_terminate::READ_TIMEOUT_BELOW_TERMINATE,
    &timeouts::read_timeout_zero::READ_TIMEOUT_ZERO,
    &timeouts::reload_kills_requests::RELOAD_KILLS_REQUESTS,
    &buffers::request_buffering_off::REQUEST_BUFFERING_OFF,
    &timeouts::retry_multiplies_wait::RETRY_MULTIPLIES_WAIT,
    &retries::retry_non_idempotent::RETRY_NON_IDEMPOTENT,
    &retries::retry_poisons_pool::RETRY_POISONS_POOL,
    &retries::retry_runs_script_twice::RETRY_RUNS_SCRIPT_TWICE,
    &retries::retry_unbounded::RETRY_UNBOUNDED,
    &retries::retry_without_second_server::RETRY_WITHOUT_SECOND_SERVER,
    &sockets::script_filename_missing::SCRIPT_FILENAME_MISSING,
    &timeouts::send_timeout_below_read::SEND_TIMEOUT_BELOW_READ,
    &timeouts::slowlog_above_terminate::SLOWLOG_ABOVE_TERMINATE,
    &timeouts::slowlog_off::SLOWLOG_OFF,
    &timeouts::slowlog_without_file::SLOWLOG_WITHOUT_FILE,
    &sockets::socket_permission::SOCKET_PERMISSION,
    &sockets::socket_without_pool::SOCKET_WITHOUT_POOL,
    &sockets::tcp_exposed::TCP_EXPOSED,
    &buffers::temp_files_off::TEMP_FILES_OFF,
    &timeouts::terminate_below_max_execution::TERMINATE_BELOW_MAX_EXECUTION,
    &timeouts::terminate_gap_too_small::TERMINATE_GAP_TOO_SMALL,
    &timeouts::terminate_timeout_negative::TERMINATE_TIMEOUT_NEGATIVE,
    &timeouts::terminate_timeout_off::TERMINATE_TIMEOUT_OFF,
    &timeouts::timeout_unit_suspect::TIMEOUT_UNIT_SUSPECT,
    &allow::unused_allow::UNUSED_ALLOW,
];
