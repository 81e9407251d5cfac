//! Our reading of FPM's files and of php.ini against the real php-fpm and php: the same verdict,
//! the same words on the same line, the same values; and our regular expressions against PCRE.

mod cases;
mod fpm;
mod ini;
mod regexes;
