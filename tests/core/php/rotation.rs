//! A client in one long request goes on when its secret is replaced.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use support::hostile::Hostile;
use support::processes::Running;
use support::volume::Volume;

use super::extension::EXTENSION;

/// For each line, gets a token by a client that lives as long as the script, and by one that is made for it.
const SCRIPT: &str = r#"
$client = Ims\Client::fromFile($argv[1], cache: 'none');
while (fgets(STDIN) !== false) {
    try {
        $client->token();
        Ims\Client::fromFile($argv[1], cache: 'none')->token();
        echo "ok\n";
    } catch (Throwable $thrown) {
        echo $thrown->getMessage(), "\n";
    }
}
"#;

#[test]
fn a_client_goes_on_in_one_request_while_its_secret_is_replaced() {
    let secret = Arc::new(Mutex::new(String::new()));
    let taken = Arc::clone(&secret);
    let server = Hostile::run(move |connection| {
        let request = connection.read_request()?;
        let is_right = request.contains(&format!("client_secret={}&", taken.lock().unwrap()));
        let (status, body) = match is_right {
            true => ("200 OK", r#"{"access_token":"t","expires_in":3600}"#),
            false => ("401 Unauthorized", r#"{"error":"invalid_client"}"#),
        };
        let length = body.len();
        connection.send(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}"))
    });
    let url = server.url();
    let credentials = |secret: &str| {
        format!(
            r#"{{"token_url":"{url}","client_id":"c","client_secret":"{secret}","scope":"openid"}}"#
        )
    };
    let replace = |number: usize| {
        let name = format!("secret-number-{number}");
        *secret.lock().unwrap() = name.clone();
        credentials(&name)
    };
    let volume = Volume::new(&[("credentials.json", &replace(0))]);
    let mut php = EXTENSION.php();
    php.args(["-r", SCRIPT, "--"]).arg(volume.path("credentials.json")).stdout(Stdio::piped());
    let mut process = Running::start(&mut php, "", || true);
    let mut said = BufReader::new(process.0.stdout.take().unwrap()).lines();
    for number in 1..20 {
        writeln!(process.0.stdin.as_ref().unwrap()).unwrap();
        assert_eq!(said.next().unwrap().unwrap(), "ok");
        volume.publish(&[("credentials.json", &replace(number))]);
    }
}
