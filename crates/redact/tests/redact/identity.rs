//! Who and where: stand-ins that keep what a linter needs.

use redact::{Options, Text, redact, restore};

fn hidden(path: &str, text: &str) -> String {
    let options = Options {
        identity: true,
        ..Options::default()
    };
    let redacted = redact(
        &[Text {
            path: path.as_bytes(),
            bytes: text.as_bytes(),
        }],
        &options,
    );
    let back = restore(&redacted.texts[0], &redacted.map);
    assert_eq!(String::from_utf8_lossy(&back.bytes), text);
    assert_eq!(back.slips, []);
    String::from_utf8_lossy(&redacted.texts[0]).into_owned()
}

#[test]
fn hosts_keep_their_domain() {
    let text = "server_name shop.firma.de www.shop.firma.de *.firma.de .firma.de;\nproxy_pass http://api.intern.firma.de:8080;\n\
        server_name ~^(?<sub>.+)\\.firma\\.de$;\nserver_name kunde.co.uk www.kunde.co.uk localhost _;\n";
    let want = "server_name shop.host-001.example.invalid www.shop.host-001.example.invalid *.host-001.example.invalid .host-001.example.invalid;\n\
        proxy_pass http://api.h1.host-001.example.invalid:8080;\n\
        server_name ~^(?<sub>.+)\\.host-001\\.example\\.invalid$;\n\
        server_name host-002.example.invalid www.host-002.example.invalid localhost _;\n";
    assert_eq!(hidden("nginx.conf", text), want);
}

#[test]
fn addresses_keep_class_and_network() {
    let text = "allow 10.20.30.40;\nallow 10.20.30.41;\nallow 10.20.31.1;\ndeny 10.20.30.0/24;\nallow 172.20.1.5;\nallow 192.168.7.9;\n\
        allow 81.2.69.142;\nallow 81.2.69.143;\nlisten 127.0.0.1:80;\nlisten 0.0.0.0:80;\nallow 2a02:8071:1:2::5;\nallow fd12:3456::9;\nlisten [::1]:80;\nlisten [::]:80;\n";
    let want = "allow 10.0.0.1;\nallow 10.0.0.2;\nallow 10.0.1.1;\ndeny 10.0.0.0/24;\nallow 172.16.0.1;\nallow 192.168.0.1;\n\
        allow 192.0.2.1;\nallow 192.0.2.2;\nlisten 127.0.0.1:80;\nlisten 0.0.0.0:80;\nallow 2001:db8:0:1::1;\nallow fd00:0:0:2::2;\nlisten [::1]:80;\nlisten [::]:80;\n";
    assert_eq!(hidden("nginx.conf", text), want);
}

#[test]
fn people() {
    let log = "81.2.69.142 - anna [22/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 Chrome/120.0.0.0\"\n";
    let want = "192.0.2.1 - bgname001 [22/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 Chrome/120.0.0.0\"\n";
    assert_eq!(hidden("access.log", log), want);
    let pool = "[www]\nuser = kunde7\nlisten.owner = www-data\nlisten.group = kunde7\nphp_admin_value[error_log] = /home/kunde7/log/php.log\n\
        php_admin_value[sendmail_path] = /usr/sbin/sendmail -t -i -f bestellung@firma.de\n";
    let want = "[www]\nuser = bgname001\nlisten.owner = www-data\nlisten.group = bgname001\nphp_admin_value[error_log] = /home/bgname001/log/php.log\n\
        php_admin_value[sendmail_path] = /usr/sbin/sendmail -t -i -f user001@example.invalid\n";
    assert_eq!(hidden("www.conf", pool), want);
    let arn = "role = arn:aws:iam::123456789012:role/deploy-prod\nother = arn:aws:s3:::bilder\n";
    let want = "role = arn:aws:iam::900000000001:role/bgname001\nother = arn:aws:s3:::bgname002\n";
    assert_eq!(hidden("x.txt", arn), want);
}

/// Numbers, sizes, times, paths and names of files are what a linter needs.
#[test]
fn what_is_no_host() {
    let text = "include conf.d/*.conf;\nfastcgi_pass unix:/run/php/php8.2-fpm.sock;\nfastcgi_read_timeout 60s;\nroot /var/www/html;\n\
        index index.php;\nfastcgi_param SERVER_SOFTWARE nginx/1.22.1;\npm.max_children = 20\nsession.save_path = /tmp\nopcache.enable=1\n";
    assert_eq!(hidden("nginx.conf", text), text);
}
