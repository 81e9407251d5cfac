//! Our reading of FPM's files and of php.ini against the real php-fpm and php: the same verdict,
//! the same words on the same line, the same values.

mod cases;
mod fpm;
mod ini;
