//! `ims decode`: the content of a JWT, for people to read.

use std::path::PathBuf;
use std::time::SystemTime;

use serde_json::Value;
use serde_json::value::RawValue;

use super::access_token::{from_text, read};
use super::output::date;
use ims::error::{one_line, printable_json};
use ims::{Decoded, Error, ImsHost, Secret, ims_times, json_members, unix_seconds};

/// Seconds.
const DAY: i64 = 86_400;
/// The smallest number that is taken for milliseconds, as a time in 1973. As Unix seconds it would
/// be in the year 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;
const TIMES: [&str; 4] = ["exp", "iat", "nbf", "auth_time"];

/// Show what a JWT says: header, claims and times; nothing is verified
///
/// It takes a JWT that is to be exchanged, or an access token of IMS. The token itself and its
/// signature are not shown.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims decode assertion.jwt
  ims token service_token.json | ims decode
  ims decode --json assertion.jwt | jq .claims.exp

The JWT may stand alone, behind `Bearer`, or in a token server's JSON response.")]
pub(super) struct DecodeArgs {
    /// File with the JWT [default: standard input]
    file: Option<PathBuf>,
    /// Print one object, {"header", "claims"}, as they stand in the JWT; what a terminal would obey
    /// or hide is escaped
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &DecodeArgs) -> Result<Secret, Error> {
    let text = read("FILE", args.file.as_deref())?;
    let Decoded { header, claims } = from_text(&text).decoded()?;
    let jwt = Decoded { header: printable_json(&header), claims: printable_json(&claims) };
    let lines = shown(&jwt, unix_seconds(SystemTime::now()))?;
    if args.json {
        let Decoded { header, claims } = jwt;
        return Ok(Secret::from(format!(r#"{{"header":{header},"claims":{claims}}}"#)));
    }
    Ok(Secret::from(lines))
}

/// Times are Unix seconds.
fn shown(jwt: &Decoded, now: i64) -> Result<String, Error> {
    let read = |json| json_members(json).map_err(|_| super::access_token::not_a_jwt());
    let (header, claims) = (read(&jwt.header)?, read(&jwt.claims)?);
    let mut lines = vec!["Not verified: anyone can write a JWT.".to_owned(), String::new()];
    let width = header.iter().chain(&claims).map(|(name, _)| name.chars().count()).max();
    let mut part = |title: &str, members: &[(String, &RawValue)]| {
        lines.push(title.to_owned());
        for (name, value) in members {
            let (name, width) = (one_line(name), width.unwrap_or_default());
            let line = format!("  {name:<width$}  {}{}", text(value), note(&name, value, now));
            lines.push(line);
        }
        lines.push(String::new());
    };
    part("Header", &header);
    part("Claims", &claims);
    lines.extend(faults(&header, &claims, now).iter().map(|fault| format!("Warning: {fault}")));
    Ok(lines.join("\n").trim_end().to_owned())
}

/// A text without its quotes; anything else as it is written.
fn text(value: &RawValue) -> String {
    match serde_json::from_str(value.get()) {
        Ok(Value::String(text)) => one_line(text),
        _ => one_line(value.get()),
    }
}

/// Returns a time or duration in a form that people read.
fn note(name: &str, value: &RawValue, now: i64) -> String {
    let number = text(value).parse::<i64>().ok();
    let time = match name {
        "created_at" => number.map(|milliseconds| milliseconds / 1000),
        _ if TIMES.contains(&name) => number.filter(|seconds| *seconds < FIRST_MILLISECONDS),
        _ => None,
    };
    if let Some(date) = time.and_then(date) {
        let time = time.unwrap_or_default();
        return format!("  {date}, {}", relative(time.saturating_sub(now)));
    }
    match (name, number) {
        ("expires_in", Some(milliseconds @ 1..)) => format!("  {}", span(milliseconds / 1000)),
        _ => String::new(),
    }
}

fn relative(seconds: i64) -> String {
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("in {}", span(seconds)),
        _ => format!("{} ago", span(seconds.saturating_neg())),
    }
}

/// The two largest units of a span of seconds, such as `4 min 12 s`.
fn span(seconds: i64) -> String {
    let units = [(DAY, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let largest = units.iter().position(|(length, _)| seconds >= *length).unwrap_or(3);
    let parts = units[largest..].iter().take(2).scan(seconds, |left, (length, unit)| {
        let number = *left / length;
        *left %= length;
        Some((number, format!("{number} {unit}")))
    });
    let parts: Vec<String> = parts
        .enumerate()
        .filter(|(position, (number, _))| *position == 0 || *number > 0)
        .map(|(_, (_, part))| part)
        .collect();
    parts.join(" ")
}

/// Returns the reasons why any server would refuse the JWT, whatever its signature.
fn faults(header: &[(String, &RawValue)], claims: &[(String, &RawValue)], now: i64) -> Vec<String> {
    let get = |members: &[(String, &RawValue)], name: &str| -> Option<Value> {
        let (_, value) = members.iter().find(|(found, _)| found == name)?;
        serde_json::from_str(value.get()).ok()
    };
    let mut faults = Vec::new();
    let alg = get(header, "alg");
    if alg.as_ref().is_none_or(|alg| alg == "none") {
        faults.push("it has no algorithm: nothing shows who made it".to_owned());
    }
    if alg.is_some_and(|alg| alg != "RS256") && ims_host(claims).is_some() {
        faults.push("alg is not RS256, which IMS asks for".to_owned());
    }
    for (position, (name, value)) in claims.iter().enumerate() {
        if claims[..position].iter().any(|(before, _)| before == name) {
            faults.push(format!(
                "{} stands twice, and servers differ in which counts",
                one_line(name)
            ));
        }
        if TIMES.contains(&name.as_str()) {
            match value.get().parse::<i64>() {
                Ok(time) if time >= FIRST_MILLISECONDS => faults
                    .push(format!("{name} looks like milliseconds: it must be seconds since 1970")),
                Ok(_) => {}
                Err(_) => {
                    faults.push(format!("{name} is not an integer: servers cannot decode the JWT"))
                }
            }
        }
    }
    let time = |name| get(claims, name)?.as_i64().filter(|time| *time < FIRST_MILLISECONDS);
    let access_token = get(claims, "created_at").is_some();
    match (time("exp"), time("iat")) {
        (None, _) if !access_token && get(claims, "exp").is_none() => {
            faults.push("exp is missing".to_owned());
        }
        (Some(exp), _) if exp <= now => faults.push("exp has passed".to_owned()),
        (Some(exp), Some(iat)) if exp.saturating_sub(iat) > DAY => {
            faults.push("its lifetime is over 24 h, the longest that IMS accepts".to_owned());
        }
        (Some(exp), None) if exp.saturating_sub(now) > DAY => {
            faults.push("its lifetime is over 24 h, the longest that IMS accepts".to_owned());
        }
        _ => {}
    }
    for name in ["iat", "nbf"] {
        if time(name).is_some_and(|time| time > now) {
            faults.push(format!("{name} lies ahead: is this machine's clock right?"));
        }
    }
    if let Ok(Value::Object(all)) = whole(claims)
        && let Some((created_at, lifetime)) = ims_times(&all)
        && created_at.saturating_add(lifetime) <= now
    {
        faults.push("the access token has expired".to_owned());
    }
    faults.extend(faults_for_ims(claims));
    faults
}

fn whole(claims: &[(String, &RawValue)]) -> serde_json::Result<Value> {
    let members = claims
        .iter()
        .map(|(name, value)| Ok((name.clone(), serde_json::from_str::<Value>(value.get())?)));
    members.collect::<serde_json::Result<_>>().map(Value::Object)
}

/// Returns the reasons why IMS alone would refuse the JWT, if `aud` says that it is for IMS.
fn faults_for_ims(claims: &[(String, &RawValue)]) -> Vec<String> {
    let get = |name: &str| claims.iter().find(|(found, _)| found == name).map(|(_, value)| *value);
    let Some(host) = ims_host(claims) else { return Vec::new() };
    let mut faults = Vec::new();
    if get("jti").is_some_and(|jti| jti.get().parse::<u64>().is_err()) {
        faults.push("jti is not an integer, which IMS asks for".to_owned());
    }
    let metascopes: Vec<_> = claims.iter().filter(|(name, _)| name.contains("/s/")).collect();
    if metascopes.is_empty() {
        faults.push("no metascope is claimed, such as https://HOST/s/ent_x".to_owned());
    }
    for (name, value) in metascopes {
        let name = one_line(name);
        if !name.starts_with(&format!("{}/s/", host.origin())) {
            faults.push(format!("{name} is of another host than aud, {host}"));
        }
        if value.get() != "true" {
            faults.push(format!("{name} is not true"));
        }
    }
    faults
}

/// Returns the host of IMS that the JWT is for.
fn ims_host(claims: &[(String, &RawValue)]) -> Option<ImsHost> {
    let (_, aud) = claims.iter().find(|(name, _)| name == "aud")?;
    ImsHost::from_audience(&text(aud))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use support::directory::Directory;

    use super::*;
    use ims::error::is_printable;

    const NOW: i64 = 1_800_000_000;

    fn decoded(claims: &str) -> String {
        let header = r#"{"typ":"JWT","alg":"RS256"}"#.to_owned();
        shown(&Decoded { header, claims: claims.to_owned() }, NOW).unwrap()
    }

    fn warnings(claims: &str) -> Vec<String> {
        let lines = decoded(claims);
        let warnings = lines.lines().filter_map(|line| line.strip_prefix("Warning: "));
        warnings.map(str::to_owned).collect()
    }

    #[test]
    fn claims_stand_in_their_order_with_their_times_for_people() {
        let claims = r#"{"iss":"X@AdobeOrg","exp":1800000252,"iat":1799999999,"n":1.50}"#;
        assert_eq!(
            decoded(claims),
            "Not verified: anyone can write a JWT.\n\nHeader\n  typ  JWT\n  alg  RS256\n\nClaims\n  \
             iss  X@AdobeOrg\n  \
             exp  1800000252  Fri, 15 Jan 2027 08:04:12 GMT, in 4 min 12 s\n  \
             iat  1799999999  Fri, 15 Jan 2027 07:59:59 GMT, 1 s ago\n  \
             n    1.50"
        );
    }

    #[test]
    fn an_access_token_of_ims_counts_milliseconds_in_texts() {
        let claims = r#"{"created_at":"1799990000000","expires_in":"86400000"}"#;
        let shown = decoded(claims);
        assert!(shown.contains("GMT, 2 h 46 min ago"), "{shown}");
        assert!(shown.ends_with("expires_in  86400000  1 d"), "{shown}");
        let claims = r#"{"created_at":"1700000000000","expires_in":"86400000"}"#;
        assert_eq!(warnings(claims), ["the access token has expired"]);
    }

    #[test]
    fn what_a_server_would_refuse_is_said() {
        for (claims, warning) in [
            (r#"{}"#, "exp is missing"),
            (r#"{"exp":1800000300000}"#, "exp looks like milliseconds"),
            (r#"{"exp":"1800000300"}"#, "exp is not an integer"),
            (r#"{"exp":1800000300.5}"#, "exp is not an integer"),
            (r#"{"exp":1799999999}"#, "exp has passed"),
            (r#"{"exp":1800000300,"exp":1800000300}"#, "exp stands twice"),
            (r#"{"exp":1800090000,"iat":1800000000}"#, "its lifetime is over 24 h"),
            (r#"{"exp":1800090000}"#, "its lifetime is over 24 h"),
            (r#"{"exp":1800000300,"iat":1800000100}"#, "iat lies ahead"),
        ] {
            let warnings = warnings(claims);
            assert_eq!(warnings.len(), 1, "{claims}: {warnings:?}");
            assert!(warnings[0].starts_with(warning), "{claims}: {warnings:?}");
        }
    }

    #[test]
    fn no_number_is_too_large_to_be_shown() {
        for claims in [
            r#"{"created_at":"253402300800000","expires_in":"1"}"#,
            r#"{"created_at":"9223372036854775807","expires_in":"-9223372036854775808"}"#,
            r#"{"exp":4000000000,"iat":-9223372036854775808,"nbf":9223372036854775807}"#,
        ] {
            assert!(decoded(claims).contains("Claims"), "{claims}");
        }
    }

    #[test]
    fn what_ims_would_refuse_is_said_of_a_jwt_for_ims() {
        let of = |more: &str| {
            warnings(&format!(r#"{{"aud":"https://ims.example/c/id","exp":1800000300{more}}}"#))
        };
        let metascope = r#","https://ims.example/s/ent_x":true"#;
        assert_eq!(of(metascope), [""; 0]);
        for (more, warning) in [
            ("".to_owned(), "no metascope is claimed"),
            (format!(r#"{metascope},"jti":"a""#), "jti is not an integer"),
            (
                r#","https://stage.example/s/ent_x":true"#.to_owned(),
                "https://stage.example/s/ent_x is of another host",
            ),
            (
                r#","https://ims.example/s/ent_x":"true""#.to_owned(),
                "https://ims.example/s/ent_x is not true",
            ),
        ] {
            let warnings = of(&more);
            assert_eq!(warnings.len(), 1, "{more}: {warnings:?}");
            assert!(warnings[0].starts_with(warning), "{more}: {warnings:?}");
        }
    }

    #[test]
    fn no_text_of_a_jwt_moves_a_terminal() {
        let shown = decoded(r#"{"a\u001b[31m":"b\u001b]0;title\u0007\u202e","exp":1800000300}"#);
        assert!(shown.chars().all(|c| c == '\n' || is_printable(c)), "{shown:?}");
    }

    #[test]
    fn json_of_a_jwt_is_json_and_moves_no_terminal() {
        let encode = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for claims in [
            "{\"a\":\"\x1b[31m \u{9b}31m \x7f \u{202e} \u{e0041}\"}\n",
            "{\"\u{61c}\\\"\":\"\\u001b[31m\",\t\"b\":[\"\n\"]}",
        ] {
            let jwt = format!("{}.{}.c2ln", encode(r#"{"alg":"RS256"}"#), encode(claims));
            let directory = Directory::new();
            let file = Some(directory.write("jwt", &jwt));
            let json = run(&DecodeArgs { file, json: true }).unwrap();
            let json = json.expose();
            assert!(json.chars().all(|c| c.is_ascii_whitespace() || is_printable(c)), "{json:?}");
            serde_json::from_str::<Value>(json).unwrap();
        }
        for claims in ["", "[]", "{", "\x1b", "{\"a\":\x1b}"] {
            let jwt = format!("{}.{}.c2ln", encode(r#"{"alg":"RS256"}"#), encode(claims));
            let directory = Directory::new();
            let file = Some(directory.write("jwt", &jwt));
            run(&DecodeArgs { file, json: true }).unwrap_err();
        }
    }

    #[test]
    fn a_span_has_its_two_largest_units() {
        for (seconds, text) in
            [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3661, "1 h 1 min"), (90_061, "1 d 1 h")]
        {
            assert_eq!(span(seconds), text);
        }
    }
}
