<?php
define( 'DB_NAME', 'blog' );
define( 'DB_USER', 'blog' );
define( 'DB_PASSWORD', 'h-UYwuIqKYT@6u6fdq+R' );
define( 'DB_HOST', 'localhost' );
define( 'DB_CHARSET', 'utf8mb4' );

define( 'AUTH_KEY',         'Z:Ptf@r)aZ7cB^r(&,yz+0gFbHtpc:#L@>|JwWmY[HFf.hI6kh<qW^L5hcFh_~Gc' );
define( 'LOGGED_IN_KEY',    '6<~wUM3,B3b7TKBC7EX|k^|Mvp#[y@79:;pO3IKmlKIdM&KZxvWdYLwnXy6iN+yC' );
define( 'SECURE_AUTH_SALT', '3K[gN*Un?7b80[.kI_XZE!2*(p|v+l?DIUn,:Wg8P;H0ZcgqQ499#>P_2N-S!,?4' );

define( 'WP_CACHE_KEY_SALT', 'blog.example:' );
define( 'FTP_USER', 'blog' );
define( 'FTP_PASS', 'it\'s raining' );
define( 'FTP_PRIKEY', '/home/blog/.ssh/id_rsa' );
define( 'JWT_AUTH_SECRET_KEY', "W2VRxfaMVP71a9wrmvsVeThQ1g4SmQGNAiVk8FBtNbBLSbvz" );
define( 'JWT_AUTH_CORS_ENABLE', true );

/** The password is asked twice on purpose. */
define( 'FORCE_SSL_ADMIN', true );
define( 'COOKIEHASH', md5( 'blog.example' ) );
$table_prefix = 'wp_';
$memcached_servers = array( 'default' => array( '127.0.0.1:11211' ) );
$redis_server = array(
    'host'     => '127.0.0.1',
    'auth'     => 'nwKLWEi2NbxkFMVkpdWn',
    'database' => 3,
);
if ( ! defined( 'ABSPATH' ) ) {
    define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
