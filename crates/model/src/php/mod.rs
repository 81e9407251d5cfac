//! The PHP side: FPM instances, pools, php.ini and the layers between them.
