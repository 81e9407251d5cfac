//! Running the real nginx: `nginx -t` on given files, and live servers on loopback.
