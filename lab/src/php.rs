//! Running the real php-fpm and php: `-t`, `-tt`, `-i`, and live pools on sockets.
