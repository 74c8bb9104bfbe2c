//! Misbehaviour on demand, by Rust, by HTTP and by flag.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use ims::Status;
use ims_sandbox::{BadResponse, Fault, ImsError, TimeUnit, Tls};
use support::directory::Directory;

use super::running::{Process, cannot_serve};
use super::*;

/// A sandbox in which `fault` is in force.
fn with(fault: Fault) -> Sandbox {
    let sandbox = serve(account());
    sandbox.inject(fault).unwrap();
    sandbox
}

#[test]
fn every_error_of_imss_comes_on_demand_as_by_the_mistake_itself() {
    use ImsError::*;
    let sandbox = serve(account());
    let decoded = "JWT token is incorrectly formatted, and can not be decoded.";
    let subset = "The metascopes in the JWT are not a subset of the metascopes in the binding.";
    let provisioned = "The client is not provisioned for client_credentials.";
    for (error, refusal) in [
        (Signature, (400, "invalid_token", "Could not match JWT signature to any of the bindings")),
        (Malformed, (400, "invalid_token", decoded)),
        (Expired, (400, "invalid_token", "JWT token has expired.")),
        (UnknownClient, (400, "invalid_client", "invalid client_id parameter")),
        (Audience, (400, "invalid_client", "The JWT's aud names another environment or client.")),
        (ClientSecret, (401, "invalid_client", "invalid client_secret parameter")),
        (NoJwtExchange, (401, "invalid_client", "The client is not allowed to exchange JWTs.")),
        (Metascopes, (400, "invalid_scope", subset)),
        (Scopes, (400, "invalid_scope", "A requested scope is not granted to the client.")),
        (JtiMissing, (400, "invalid_jti", "A jti is required.")),
        (JtiUsed, (400, "invalid_jti", "The jti was used before.")),
        (UnauthorizedClient, (400, "unauthorized_client", provisioned)),
        (BadRequest, (400, "bad_request", "sub is missing or wrong.")),
        (InternalError, (500, "internal_error", "Please try again later")),
    ] {
        sandbox.inject(Fault::error(error).times(1)).unwrap();
        assert_eq!(exchange(&sandbox, &jwt(&claims())).refusal(), refusal, "{error:?}");
    }
    assert_eq!(exchange(&sandbox, &jwt(&claims())).status, 200);
}

#[test]
fn a_wrong_secret_on_demand_has_the_status_of_its_path() {
    let sandbox = with(Fault::error(ImsError::ClientSecret));
    assert_eq!(client_credentials(&sandbox, &[]).status, 400);
    assert_eq!(exchange(&sandbox, &jwt(&claims())).status, 401);
}

#[test]
fn an_outage_lasts_as_many_requests_as_it_was_told_or_until_it_is_cleared() {
    let sandbox = with(Fault::status(500).times(1));
    sandbox.inject(Fault::status(503)).unwrap();
    let statuses = [(); 3].map(|()| client_credentials(&sandbox, &[]).status);
    assert_eq!(statuses, [500, 503, 503]);
    sandbox.clear_faults();
    assert_eq!(client_credentials(&sandbox, &[]).status, 200);
    let exchanges = sandbox.exchanges("sandbox-client").unwrap();
    assert_eq!((exchanges.issued, exchanges.refused), (1, 3));
}

#[test]
fn a_fault_of_one_client_leaves_the_others_alone() {
    let mut other = account();
    other.client_id = "other".into();
    let sandbox = Sandbox::start(Config::new(vec![account(), other])).unwrap();
    sandbox.inject(Fault::status(503).of_client("other")).unwrap();
    let fields = [("grant_type", "client_credentials"), ("client_id", "other"), CLIENT[1]];
    assert_eq!(client_credentials(&sandbox, &[]).status, 200);
    assert_eq!(post(&sandbox, "/ims/token/v3", &fields).status, 503);
}

#[test]
fn a_throttled_client_is_told_when_to_come_again() {
    let mut fault = Fault::status(429);
    fault.retry_after = Some(3600);
    let sandbox = with(fault);
    let url = format!("{}/ims/token/v3", sandbox.url());
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build();
    let answer = ureq::Agent::from(agent).post(&url).send_form(CLIENT).unwrap();
    assert_eq!(answer.status().as_u16(), 429);
    assert_eq!(answer.headers()["retry-after"], "3600");

    let error =
        ims::exchange(&token_url(sandbox.url()), &token_grant(), &transport(None)).unwrap_err();
    assert_eq!(
        (error.status(), error.retry_after()),
        (Status::RateLimited, Some(Duration::from_secs(3600)))
    );
}

#[test]
fn answers_come_as_late_as_they_are_told_to() {
    let latency = Duration::from_millis(300);
    let sandbox = with(Fault::latency(latency));
    let begun = Instant::now();
    assert_eq!(client_credentials(&sandbox, &[]).status, 200);
    assert!(begun.elapsed() >= latency);
}

#[test]
fn no_one_waits_for_ever_and_no_list_of_faults_grows_without_end() {
    let latency = Duration::from_secs(3601);
    let error =
        Sandbox::start(Config::new(vec![account()])).unwrap().inject(Fault::latency(latency));
    assert!(error.unwrap_err().message().starts_with("latency_ms is over"));
    "latency_ms=3600001".parse::<Fault>().unwrap_err();
    "latency_ms=3600000".parse::<Fault>().unwrap();
    let sandbox = serve(account());
    for _ in 0..1000 {
        sandbox.inject(Fault::status(503)).unwrap();
    }
    sandbox.inject(Fault::status(503)).unwrap_err();
    sandbox.clear_faults();
    sandbox.inject(Fault::status(503)).unwrap();
}

#[test]
fn lifetimes_are_counted_in_the_unit_that_is_wrong() {
    let in_unit = |unit| {
        let mut fault = Fault::default();
        fault.expires_in = Some(unit);
        with(fault)
    };
    let sandbox = in_unit(TimeUnit::Seconds);
    assert_eq!(exchange(&sandbox, &jwt(&claims())).body["expires_in"], 86_399);
    let sandbox = in_unit(TimeUnit::Milliseconds);
    assert_eq!(client_credentials(&sandbox, &[]).body["expires_in"], 86_399_999);
    assert_eq!(bearer(&sandbox, &bearer_claims()).body["expires_in"], 3_600_000);
}

#[test]
fn an_error_comes_with_http_200() {
    let mut fault = Fault::error(ImsError::Signature);
    fault.status = Some(200);
    let answer = exchange(&with(fault), &jwt(&claims()));
    assert_eq!((answer.status, &answer.body["error"]), (200, &json!("invalid_token")));
}

/// All bytes of the answer to a request for a token.
fn raw_answer(sandbox: &Sandbox) -> String {
    let body = String::from_utf8(urlencoded(&[
        ("grant_type", "client_credentials"),
        CLIENT[0],
        CLIENT[1],
    ]))
    .unwrap();
    let mut stream = TcpStream::connect(sandbox.url().strip_prefix("http://").unwrap()).unwrap();
    let head = "POST /ims/token/v3 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_connection_closes_before_the_answer_or_in_the_middle_of_it() {
    let whole = raw_answer(&serve(account()));
    assert!(whole.ends_with('}'), "{whole}");
    assert_eq!(raw_answer(&with(Fault::answer(BadResponse::Lost))), "");
    let half = raw_answer(&with(Fault::answer(BadResponse::Cut)));
    let (head, body) = half.split_once("\r\n\r\n").unwrap();
    let length = whole.split_once("\r\n\r\n").unwrap().1.len();
    assert!(head.contains(&format!("content-length: {length}\r\n")), "{head}");
    assert_eq!(body.len(), length / 2);
}

#[test]
fn a_body_is_missing_or_a_page_for_people() {
    let empty = raw_answer(&with(Fault::answer(BadResponse::Empty)));
    assert!(empty.starts_with("HTTP/1.1 200 OK\r\n") && empty.ends_with("\r\n\r\n"), "{empty}");
    let mut fault = Fault::answer(BadResponse::Html);
    fault.status = Some(502);
    let page = raw_answer(&with(fault));
    assert!(page.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{page}");
    assert!(page.contains("content-type: text/html") && page.ends_with("</html>\n"), "{page}");
}

#[test]
fn a_lost_answer_leaves_a_token_that_was_issued_and_a_client_that_asks_again() {
    let mut config = Config::new(vec![account()]);
    config.tls = Tls::SelfMade;
    for answer in [BadResponse::Lost, BadResponse::Cut] {
        config.faults.push(Fault::answer(answer).times(1));
    }
    let sandbox = Sandbox::start(config).unwrap();
    let directory = Directory::new();
    let ca = directory.write("ca.pem", sandbox.ca_certificate().unwrap());
    ims::exchange(&token_url(sandbox.url()), &token_grant(), &transport(Some(&ca))).unwrap();
    assert_eq!(sandbox.exchanges("sandbox-client").unwrap().issued, 3);
}

#[test]
fn a_fault_that_could_never_show_is_refused() {
    let sandbox = sandbox();
    for fault in [Fault::default(), Fault::status(503).times(0), Fault::status(99)] {
        assert_eq!(sandbox.inject(fault).unwrap_err().status(), Status::Argument);
    }
    let mut config = Config::new(vec![account()]);
    config.faults.push(Fault::status(200));
    assert!(Sandbox::start(config).is_err());
}

#[test]
fn tests_in_any_language_inject_faults_by_http() {
    let sandbox = serve(account());
    let url = format!("{}/__sandbox/faults", sandbox.url());
    let fault = json!({ "error": "expired", "times": 2, "client_id": "sandbox-client" });
    let agent = ureq::Agent::new_with_defaults();

    let injected = agent.post(&url).send(fault.to_string()).unwrap();
    assert_eq!(read(injected).body, json!({ "faults": [fault] }));
    assert_eq!(client_credentials(&sandbox, &[]).body["error"], "invalid_token");
    let mut left = fault.clone();
    left["times"] = json!(1);
    assert_eq!(get(&url).body, json!({ "faults": [left] }));

    let cleared = read(agent.delete(&url).call().unwrap());
    assert_eq!(cleared.body, json!({ "faults": [] }));
    assert_eq!(client_credentials(&sandbox, &[]).status, 200);
}

#[test]
fn a_fault_by_http_that_is_wrong_is_refused_by_name() {
    let url = format!("{}/__sandbox/faults", sandbox().url());
    for (body, problem) in [
        ("{}", "fault does nothing"),
        (r#"{"statsu":503}"#, "unknown field `statsu` at line 1 column 9"),
        ("status=503", "expected value at line 1 column 1"),
    ] {
        let answer = send(&url, "application/json", None, body.as_bytes());
        assert_eq!(answer.refusal(), (400, "bad_request", problem));
    }
    assert_eq!(get(&url).body, json!({ "faults": [] }));
    let nothing = format!("{}/__sandbox/other", sandbox().url());
    assert_eq!(send(&nothing, "application/json", None, b"{}").status, 404);
}

#[test]
fn ims_sandbox_takes_faults_for_the_start() {
    let ims = Process::start(&["--fault=status=500,times=1", "--fault=error=expired,times=1"]);
    let fields = [("grant_type", "client_credentials"), CLIENT[0], ("client_secret", "fr0m-env")];
    let statuses = [(); 3].map(|()| ims.post("/ims/token/v3", &fields).status);
    assert_eq!(statuses, [500, 400, 200]);

    let (code, stderr) = cannot_serve(&["--fault=stauts=500"]);
    assert_eq!(code, 2);
    assert!(
        stderr.starts_with(
            "error: --fault: fault is malformed: unknown field `stauts`\nhint: known are "
        ),
        "{stderr}"
    );
}

#[test]
fn a_fault_of_nobody_s_is_refused() {
    let sandbox = serve(account());
    let error = sandbox.inject(Fault::status(503).of_client("nobody")).unwrap_err();
    assert_eq!(error.message(), "client_id nobody is no account's: the fault would never show");
}
