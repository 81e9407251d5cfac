<?php

use App\Auth\TokenGuard;

return [
    'default' => env('DB_CONNECTION', 'mysql'),
    'connections' => [
        'mysql' => [
            'driver' => 'mysql',
            'username' => env('DB_USERNAME', 'shop'),
            'password' => env('DB_PASSWORD', ''),
            'options' => [PDO::MYSQL_ATTR_SSL_KEY => '/etc/mysql/client.key'],
        ],
        'report' => [
            'dsn' => 'mysql:host=10.20.0.7;dbname=report;charset=utf8mb4',
            'username' => 'report',
            'password' => '0lkXT6KL5y3nEYMh',
        ],
        'oracle' => oci_connect('acct', 'tiger_scott_9', '//10.20.0.20/ACCT'),
        'pdo' => new PDO('pgsql:host=10.30.0.5;dbname=crm', 'crm', '88rVpC76HKiXor6zAf'),
        'mongo' => "mongodb+srv://shop:GdAtOHrxK8NvcPHep9Zn@cluster0.db.example/shop",
    ],
    'auth' => [
        'guard' => TokenGuard::class,
        'token_name' => 'X-Shop-Token',
        'password_timeout' => 10800,
        'hmac_secret' => base64_decode('pp7IdLpVIXGgkCgRoriYL4egp+mAzO7/WzlTafcSK4Q='),
        'api_keys' => [
            'kiosk' => "a675d4befac061c59c0aacfad9220c02",
            'erp' => getenv('ERP_API_KEY'),
        ],
    ],
    'cache' => [
        'key' => 'shop:' . md5(__FILE__),
        'stores' => ['redis' => ['auth' => ['php', '4p0K1JoSu18ET0aSNH27']]],
    ],
    // 'sms' => ['user' => 'shop', 'pass' => 'GHbP21Gpqd'],
    'curl' => [CURLOPT_USERPWD => 'export:Lichtung 44', CURLOPT_TIMEOUT => 10],
    'headers' => ['Authorization: Bearer sOFKkOe_ntOQSXAW4z_f0eAr0XDgU6IeIohZUZV4nDg', 'Accept: application/json'],
];
