//! All causes: one file each, one plain list.

use crate::cause::Cause;

mod access_denied;
mod allowed_clients_refused;
mod application_error;
mod backend_closed;
mod backlog_full;
mod client_gone;
mod connect_timeout;
mod early_end_of_body;
mod fpm_emergency_restart;
mod fpm_refused;
mod fpm_reloaded;
mod fpm_socket_missing;
mod fpm_socket_permission;
mod fpm_stopped;
mod header_too_big;
mod invalid_header;
mod keepalive_race;
mod nginx_gave_up;
mod nginx_own_answer;
mod no_live_upstreams;
mod params_too_big;
mod php_fatal;
mod php_memory_limit;
mod php_time_limit;
mod pool_exhausted;
mod protocol_mixup;
mod resource_limits;
mod retry_storm;
mod script_not_found;
mod send_timeout;
mod slow_upstream_body;
mod upstream_name_unresolved;
mod upstream_unreachable;
mod worker_crashed;
mod worker_exited;
mod worker_killed_by_signal;
mod worker_oom_killed;
mod worker_terminated_by_timeout;

/// The causes, sorted by id.
pub static ALL: &[&Cause] = &[
    &access_denied::ACCESS_DENIED,
    &allowed_clients_refused::ALLOWED_CLIENTS_REFUSED,
    &application_error::APPLICATION_ERROR,
    &backend_closed::BACKEND_CLOSED,
    &backlog_full::BACKLOG_FULL,
    &client_gone::CLIENT_GONE,
    &connect_timeout::CONNECT_TIMEOUT,
    &early_end_of_body::EARLY_END_OF_BODY,
    &fpm_emergency_restart::FPM_EMERGENCY_RESTART,
    &fpm_refused::FPM_REFUSED,
    &fpm_reloaded::FPM_RELOADED,
    &fpm_socket_missing::FPM_SOCKET_MISSING,
    &fpm_socket_permission::FPM_SOCKET_PERMISSION,
    &fpm_stopped::FPM_STOPPED,
    &header_too_big::HEADER_TOO_BIG,
    &invalid_header::INVALID_HEADER,
    &keepalive_race::KEEPALIVE_RACE,
    &nginx_gave_up::NGINX_GAVE_UP,
    &nginx_own_answer::NGINX_OWN_ANSWER,
    &no_live_upstreams::NO_LIVE_UPSTREAMS,
    &params_too_big::PARAMS_TOO_BIG,
    &php_fatal::PHP_FATAL,
    &php_memory_limit::PHP_MEMORY_LIMIT,
    &php_time_limit::PHP_TIME_LIMIT,
    &pool_exhausted::POOL_EXHAUSTED,
    &protocol_mixup::PROTOCOL_MIXUP,
    &resource_limits::RESOURCE_LIMITS,
    &retry_storm::RETRY_STORM,
    &script_not_found::SCRIPT_NOT_FOUND,
    &send_timeout::SEND_TIMEOUT,
    &slow_upstream_body::SLOW_UPSTREAM_BODY,
    &upstream_name_unresolved::UPSTREAM_NAME_UNRESOLVED,
    &upstream_unreachable::UPSTREAM_UNREACHABLE,
    &worker_crashed::WORKER_CRASHED,
    &worker_exited::WORKER_EXITED,
    &worker_killed_by_signal::WORKER_KILLED_BY_SIGNAL,
    &worker_oom_killed::WORKER_OOM_KILLED,
    &worker_terminated_by_timeout::WORKER_TERMINATED_BY_TIMEOUT,
];

/// The cause of this id.
pub fn by_id(id: &str) -> Option<&'static Cause> {
    ALL.iter().find(|cause| cause.id == id).copied()
}
