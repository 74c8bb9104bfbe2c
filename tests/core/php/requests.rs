//! What a process keeps from one request to the next.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use support::processes::{Running, free_port};

use super::account::Host;
use super::extension::EXTENSION;

/// Signs with the text of the key that the request names, and once more while its session is written, which is when most
/// of the request has ended; says what is wrong with a signature.
const SCRIPT: &str = r#"<?php
class Handler implements SessionHandlerInterface
{
    public function __construct(private string $key) {}
    public function open(string $path, string $name): bool { return true; }
    public function close(): bool { return true; }
    public function read(string $id): string { return ''; }
    public function write(string $id, string $data): bool { sign($this->key); return true; }
    public function destroy(string $id): bool { return true; }
    public function gc(int $lifetime): int { return 0; }
}

function sign(string $key): void
{
    $pem = file_get_contents($key);
    [$header, $claims, $signature] = explode('.', ims_generate_jwt($pem, 'i', 's', 'a'));
    $signature = base64_decode(strtr($signature, '-_', '+/'));
    $public_key = openssl_pkey_get_details(openssl_pkey_get_private($pem))['key'];
    if (openssl_verify("$header.$claims", $signature, $public_key, 'sha256') !== 1) {
        file_put_contents(__DIR__ . '/wrong.txt', "another key than $key signed\n", FILE_APPEND);
    }
}

$key = __DIR__ . $_SERVER['REQUEST_URI'];
sign($key);
session_set_save_handler(new Handler($key), false);
session_start();
echo 'signed';
"#;

#[test]
fn a_key_that_was_passed_as_text_ends_with_its_request_whoever_signs_last() {
    let host = Host::new();
    host.directory.write("other.key", host.other_key.private_key_to_pem_pkcs8().unwrap());
    let script = host.directory.write("sign.php", SCRIPT);
    let port = free_port();
    let mut php = EXTENSION.php();
    php.args(["-q", "-S", &format!("127.0.0.1:{port}")]).arg(script);
    let _server = Running::start(&mut php, "", || TcpStream::connect(("127.0.0.1", port)).is_ok());

    for key in ["private.key", "other.key"].repeat(10) {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        // PHP's own server wants it in one piece.
        stream.write_all(format!("GET /{key} HTTP/1.0\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("signed"), "{answer}");
    }

    let wrong = fs::read_to_string(host.path("wrong.txt")).unwrap_or_default();
    assert!(wrong.is_empty(), "{wrong}");
}
