//! The registry: every rule has one line here, in its group and in the list.

mod allow {
    pub(super) mod allow_without_reason;
    pub(super) mod unused_allow;
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
mod capacity {
    pub(super) mod backlog_above_somaxconn;
    pub(super) mod backlog_too_small;
    pub(super) mod emergency_restart_kills_innocent;
    pub(super) mod keepalive_pins_workers;
    pub(super) mod max_children_default;
    pub(super) mod max_requests_unset;
    pub(super) mod ondemand_burst;
    pub(super) mod open_files_below_connections;
    pub(super) mod pool_bigger_than_memory;
    pub(super) mod process_max_below_pools;
    pub(super) mod rlimit_files_too_low;
    pub(super) mod worker_connections_too_low;
}
mod observability {
    pub(super) mod access_log_off;
    pub(super) mod display_errors_on;
    pub(super) mod error_log_off;
    pub(super) mod error_log_too_quiet;
    pub(super) mod location_without_status_path;
    pub(super) mod log_limit_cuts;
    pub(super) mod php_errors_not_logged;
    pub(super) mod status_exposed;
    pub(super) mod status_path_without_location;
    pub(super) mod upstream_fields_not_logged;
    pub(super) mod workers_output_lost;
}
mod php {
    pub(super) mod expose_php;
    pub(super) mod fix_pathinfo_with_any_file;
    pub(super) mod limit_extensions_open;
    pub(super) mod memory_limit_off;
    pub(super) mod value_that_php_ignores;
}
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
mod security {
    pub(super) mod add_header_lost;
    pub(super) mod alias_slash_missing;
    pub(super) mod alias_traversal;
    pub(super) mod allow_without_deny;
    pub(super) mod autoindex_on;
    pub(super) mod backup_files_served;
    pub(super) mod content_type_by_add_header;
    pub(super) mod default_server_missing;
    pub(super) mod dotfiles_served;
    pub(super) mod ecdh_group_may_be_unknown;
    pub(super) mod fastcgi_param_lost;
    pub(super) mod filesystem_root_exposed;
    pub(super) mod header_multiline;
    pub(super) mod host_header_from_client;
    pub(super) mod host_header_missing;
    pub(super) mod hsts_missing;
    pub(super) mod hsts_weak;
    pub(super) mod http2_in_listen;
    pub(super) mod http2_misdirected_request;
    pub(super) mod http_splitting;
    pub(super) mod if_takes_the_rest;
    pub(super) mod inherited_list_lost;
    pub(super) mod known_vulnerability;
    pub(super) mod low_keepalive_requests;
    pub(super) mod map_without_default;
    pub(super) mod origin_check_too_wide;
    pub(super) mod php_source_served;
    pub(super) mod proxy_pass_normalised;
    pub(super) mod proxy_set_header_lost;
    pub(super) mod quic_bpf_reuseport;
    pub(super) mod regex_explodes;
    pub(super) mod regex_for_one_path;
    pub(super) mod regex_unanchored;
    pub(super) mod resolver_missing;
    pub(super) mod resolver_public;
    pub(super) mod return_bypasses_access;
    pub(super) mod server_side_request_forgery;
    pub(super) mod ssl_on;
    pub(super) mod stapling_without_resolver;
    pub(super) mod tls_old_version;
    pub(super) mod tls_weak_ciphers;
    pub(super) mod try_files_with_proxy_pass;
    pub(super) mod try_files_without_cache;
    pub(super) mod unknown_capture_group;
    pub(super) mod unreachable_location;
    pub(super) mod upstream_name_resolved_once;
    pub(super) mod valid_referers_none;
    pub(super) mod version_disclosed;
    pub(super) mod worker_processes_unset;
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
mod team {
    pub(super) mod policy;
}
mod timeouts {
    pub(super) mod chain_without_margin;
    pub(super) mod connect_timeout_too_long;
    pub(super) mod default_socket_timeout_above_chain;
    pub(super) mod ends_before_policy;
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
    pub(super) mod stop_kills_requests;
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
    &observability::access_log_off::ACCESS_LOG_OFF,
    &security::add_header_lost::ADD_HEADER_LOST,
    &security::alias_slash_missing::ALIAS_SLASH_MISSING,
    &security::alias_traversal::ALIAS_TRAVERSAL,
    &security::allow_without_deny::ALLOW_WITHOUT_DENY,
    &allow::allow_without_reason::ALLOW_WITHOUT_REASON,
    &sockets::allowed_clients_mismatch::ALLOWED_CLIENTS_MISMATCH,
    &security::autoindex_on::AUTOINDEX_ON,
    &capacity::backlog_above_somaxconn::BACKLOG_ABOVE_SOMAXCONN,
    &capacity::backlog_too_small::BACKLOG_TOO_SMALL,
    &security::backup_files_served::BACKUP_FILES_SERVED,
    &buffers::body_limit_below_upload::BODY_LIMIT_BELOW_UPLOAD,
    &buffers::body_limit_raised_too_late::BODY_LIMIT_RAISED_TOO_LATE,
    &buffers::buffering_off_with_slow_clients::BUFFERING_OFF_WITH_SLOW_CLIENTS,
    &buffers::busy_buffers_invalid::BUSY_BUFFERS_INVALID,
    &timeouts::chain_without_margin::CHAIN_WITHOUT_MARGIN,
    &timeouts::connect_timeout_too_long::CONNECT_TIMEOUT_TOO_LONG,
    &security::content_type_by_add_header::CONTENT_TYPE_BY_ADD_HEADER,
    &security::default_server_missing::DEFAULT_SERVER_MISSING,
    &timeouts::default_socket_timeout_above_chain::DEFAULT_SOCKET_TIMEOUT_ABOVE_CHAIN,
    &observability::display_errors_on::DISPLAY_ERRORS_ON,
    &security::dotfiles_served::DOTFILES_SERVED,
    &sockets::duplicate_listen::DUPLICATE_LISTEN,
    &security::ecdh_group_may_be_unknown::ECDH_GROUP_MAY_BE_UNKNOWN,
    &capacity::emergency_restart_kills_innocent::EMERGENCY_RESTART_KILLS_INNOCENT,
    &timeouts::ends_before_policy::ENDS_BEFORE_POLICY,
    &observability::error_log_off::ERROR_LOG_OFF,
    &observability::error_log_too_quiet::ERROR_LOG_TOO_QUIET,
    &timeouts::execution_time_overridden::EXECUTION_TIME_OVERRIDDEN,
    &php::expose_php::EXPOSE_PHP,
    &security::fastcgi_param_lost::FASTCGI_PARAM_LOST,
    &security::filesystem_root_exposed::FILESYSTEM_ROOT_EXPOSED,
    &php::fix_pathinfo_with_any_file::FIX_PATHINFO_WITH_ANY_FILE,
    &buffers::header_buffer_too_small::HEADER_BUFFER_TOO_SMALL,
    &security::header_multiline::HEADER_MULTILINE,
    &security::host_header_from_client::HOST_HEADER_FROM_CLIENT,
    &security::host_header_missing::HOST_HEADER_MISSING,
    &security::hsts_missing::HSTS_MISSING,
    &security::hsts_weak::HSTS_WEAK,
    &security::http_splitting::HTTP_SPLITTING,
    &security::http2_in_listen::HTTP2_IN_LISTEN,
    &security::http2_misdirected_request::HTTP2_MISDIRECTED_REQUEST,
    &security::if_takes_the_rest::IF_TAKES_THE_REST,
    &security::inherited_list_lost::INHERITED_LIST_LOST,
    &capacity::keepalive_pins_workers::KEEPALIVE_PINS_WORKERS,
    &retries::keepalive_recycle_race::KEEPALIVE_RECYCLE_RACE,
    &retries::keepalive_without_keep_conn::KEEPALIVE_WITHOUT_KEEP_CONN,
    &security::known_vulnerability::KNOWN_VULNERABILITY,
    &php::limit_extensions_open::LIMIT_EXTENSIONS_OPEN,
    &observability::location_without_status_path::LOCATION_WITHOUT_STATUS_PATH,
    &observability::log_limit_cuts::LOG_LIMIT_CUTS,
    &sockets::loopback_listen_other_container::LOOPBACK_LISTEN_OTHER_CONTAINER,
    &security::low_keepalive_requests::LOW_KEEPALIVE_REQUESTS,
    &security::map_without_default::MAP_WITHOUT_DEFAULT,
    &capacity::max_children_default::MAX_CHILDREN_DEFAULT,
    &timeouts::max_execution_above_read::MAX_EXECUTION_ABOVE_READ,
    &timeouts::max_execution_time_ineffective::MAX_EXECUTION_TIME_INEFFECTIVE,
    &timeouts::max_execution_time_off::MAX_EXECUTION_TIME_OFF,
    &timeouts::max_input_time_above_chain::MAX_INPUT_TIME_ABOVE_CHAIN,
    &capacity::max_requests_unset::MAX_REQUESTS_UNSET,
    &php::memory_limit_off::MEMORY_LIMIT_OFF,
    &capacity::ondemand_burst::ONDEMAND_BURST,
    &capacity::open_files_below_connections::OPEN_FILES_BELOW_CONNECTIONS,
    &security::origin_check_too_wide::ORIGIN_CHECK_TOO_WIDE,
    &timeouts::outer_timeout_shorter::OUTER_TIMEOUT_SHORTER,
    &buffers::output_buffering_above_memory::OUTPUT_BUFFERING_ABOVE_MEMORY,
    &observability::php_errors_not_logged::PHP_ERRORS_NOT_LOGGED,
    &security::php_source_served::PHP_SOURCE_SERVED,
    &team::policy::POLICY,
    &capacity::pool_bigger_than_memory::POOL_BIGGER_THAN_MEMORY,
    &sockets::pool_without_route::POOL_WITHOUT_ROUTE,
    &buffers::post_limit_above_memory::POST_LIMIT_ABOVE_MEMORY,
    &buffers::post_limit_below_body_limit::POST_LIMIT_BELOW_BODY_LIMIT,
    &buffers::post_limit_below_upload::POST_LIMIT_BELOW_UPLOAD,
    &capacity::process_max_below_pools::PROCESS_MAX_BELOW_POOLS,
    &sockets::protocol_mixup::PROTOCOL_MIXUP,
    &retries::proxy_keepalive_ineffective::PROXY_KEEPALIVE_INEFFECTIVE,
    &security::proxy_pass_normalised::PROXY_PASS_NORMALISED,
    &security::proxy_set_header_lost::PROXY_SET_HEADER_LOST,
    &security::quic_bpf_reuseport::QUIC_BPF_REUSEPORT,
    &timeouts::read_timeout_below_terminate::READ_TIMEOUT_BELOW_TERMINATE,
    &timeouts::read_timeout_zero::READ_TIMEOUT_ZERO,
    &security::regex_explodes::REGEX_EXPLODES,
    &security::regex_for_one_path::REGEX_FOR_ONE_PATH,
    &security::regex_unanchored::REGEX_UNANCHORED,
    &timeouts::reload_kills_requests::RELOAD_KILLS_REQUESTS,
    &buffers::request_buffering_off::REQUEST_BUFFERING_OFF,
    &security::resolver_missing::RESOLVER_MISSING,
    &security::resolver_public::RESOLVER_PUBLIC,
    &timeouts::retry_multiplies_wait::RETRY_MULTIPLIES_WAIT,
    &retries::retry_non_idempotent::RETRY_NON_IDEMPOTENT,
    &retries::retry_poisons_pool::RETRY_POISONS_POOL,
    &retries::retry_runs_script_twice::RETRY_RUNS_SCRIPT_TWICE,
    &retries::retry_unbounded::RETRY_UNBOUNDED,
    &retries::retry_without_second_server::RETRY_WITHOUT_SECOND_SERVER,
    &security::return_bypasses_access::RETURN_BYPASSES_ACCESS,
    &capacity::rlimit_files_too_low::RLIMIT_FILES_TOO_LOW,
    &sockets::script_filename_missing::SCRIPT_FILENAME_MISSING,
    &timeouts::send_timeout_below_read::SEND_TIMEOUT_BELOW_READ,
    &security::server_side_request_forgery::SERVER_SIDE_REQUEST_FORGERY,
    &timeouts::slowlog_above_terminate::SLOWLOG_ABOVE_TERMINATE,
    &timeouts::slowlog_off::SLOWLOG_OFF,
    &timeouts::slowlog_without_file::SLOWLOG_WITHOUT_FILE,
    &sockets::socket_permission::SOCKET_PERMISSION,
    &sockets::socket_without_pool::SOCKET_WITHOUT_POOL,
    &security::ssl_on::SSL_ON,
    &security::stapling_without_resolver::STAPLING_WITHOUT_RESOLVER,
    &observability::status_exposed::STATUS_EXPOSED,
    &observability::status_path_without_location::STATUS_PATH_WITHOUT_LOCATION,
    &timeouts::stop_kills_requests::STOP_KILLS_REQUESTS,
    &sockets::tcp_exposed::TCP_EXPOSED,
    &buffers::temp_files_off::TEMP_FILES_OFF,
    &timeouts::terminate_below_max_execution::TERMINATE_BELOW_MAX_EXECUTION,
    &timeouts::terminate_gap_too_small::TERMINATE_GAP_TOO_SMALL,
    &timeouts::terminate_timeout_negative::TERMINATE_TIMEOUT_NEGATIVE,
    &timeouts::terminate_timeout_off::TERMINATE_TIMEOUT_OFF,
    &timeouts::timeout_unit_suspect::TIMEOUT_UNIT_SUSPECT,
    &security::tls_old_version::TLS_OLD_VERSION,
    &security::tls_weak_ciphers::TLS_WEAK_CIPHERS,
    &security::try_files_with_proxy_pass::TRY_FILES_WITH_PROXY_PASS,
    &security::try_files_without_cache::TRY_FILES_WITHOUT_CACHE,
    &security::unknown_capture_group::UNKNOWN_CAPTURE_GROUP,
    &security::unreachable_location::UNREACHABLE_LOCATION,
    &allow::unused_allow::UNUSED_ALLOW,
    &observability::upstream_fields_not_logged::UPSTREAM_FIELDS_NOT_LOGGED,
    &security::upstream_name_resolved_once::UPSTREAM_NAME_RESOLVED_ONCE,
    &security::valid_referers_none::VALID_REFERERS_NONE,
    &php::value_that_php_ignores::VALUE_THAT_PHP_IGNORES,
    &security::version_disclosed::VERSION_DISCLOSED,
    &capacity::worker_connections_too_low::WORKER_CONNECTIONS_TOO_LOW,
    &security::worker_processes_unset::WORKER_PROCESSES_UNSET,
    &observability::workers_output_lost::WORKERS_OUTPUT_LOST,
];
