//! PEM that was changed on its way: read where it can mean one key alone, else the wrong line is named.

use super::*;

/// PEM whose first and last line are changed.
fn with_markers(change: impl Fn(&str) -> String) -> String {
    let pem = pem();
    let lines = pem.lines().map(|line| match line.contains("-----") {
        true => change(line),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn dashes_of_another_number_or_kind_are_read() {
    for dashes in ["----", "------", "---", "–––––", "—–-", "——-", "−−−−−", "- - - - -"]
    {
        assert_loads(with_markers(|line| line.replace("-----", dashes)));
    }
    // Lost with a mouse at the beginning of the first line.
    assert_loads(&pem()[1..]);
    assert_loads(&pem()[4..]);
    // In one line, as a variable has it.
    assert_loads(with_markers(|line| line.replace("-----", "——-")).replace('\n', " "));
}

#[test]
fn labels_in_lower_case_of_two_kinds_or_with_more_blanks_are_read() {
    assert_loads(with_markers(str::to_lowercase));
    assert_loads(with_markers(|line| line.replace("BEGIN PRIVATE", "Begin Private")));
    assert_loads(with_markers(|line| line.replace(' ', "  ")));
    assert_loads(with_markers(|line| line.replace("BEGIN PRIVATE", "BEGIN RSA PRIVATE")));
    assert_loads(with_markers(|line| line.replace("END PRIVATE", "END RSA PRIVATE")));
    assert_loads(with_markers(|line| line.replace("PRIVATE KEY", "EC PRIVATE KEY")));
}

#[test]
fn quotes_commas_and_other_marks_around_lines_are_read() {
    let each =
        |change: &dyn Fn(&str) -> String| pem().lines().map(change).collect::<Vec<_>>().join("\n");
    for mangled in [
        format!("\"{}\"", pem()),
        format!("'{}',\n", pem().trim_end()),
        each(&|line| format!("  \"{line}\",")),
        each(&|line| format!("'{line}';")),
        each(&|line| format!("\"{line}\\n\" +")),
        each(&|line| format!("> {line}")),
        each(&|line| format!("    | {line}  ")),
        each(&|line| format!("“{line}”")),
        format!("[{}]", each(&|line| format!("\"{line}\","))),
    ] {
        assert_loads(&mangled);
    }
}

#[test]
fn invisible_characters_and_other_blanks_and_line_breaks_are_read() {
    for line_break in
        ["\u{a0}\n", "\u{200b}\n", "\u{2028}", "\u{85}", "\u{3000}", "\u{feff}\n", "\r"]
    {
        assert_loads(pem().replace('\n', line_break));
    }
    assert_loads(pem().replace(' ', "\u{a0}"));
    assert_loads(pem().replace("KEY", "KE\u{ad}Y"));
}

#[test]
fn the_escapes_of_a_url_or_a_form_are_read() {
    let escaped = |pem: &str| {
        pem.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect::<String>()
    };
    assert_loads(escaped(&pem()));
    assert_loads(escaped(&pem()).replace("%0A", "%0a"));
    assert_loads(escaped(&pem()).replace("%20", "+"));
    assert_loads(pem().replace('\n', "%0A"));
    assert_loads(pem().replace('\n', "%0D%0A"));
}

#[test]
fn base64_of_base64_is_read() {
    let mut wrapped = pem();
    for _ in 0..3 {
        wrapped = base64::encode_block(wrapped.as_bytes());
        assert_loads(&wrapped);
    }
    let more = base64::encode_block(wrapped.as_bytes());
    assert_refused(more, Status::Key, "neither PEM nor DER");
}

#[test]
fn a_mangled_key_that_is_encrypted_is_read() {
    let legacy = String::from_utf8(keys::legacy_encrypted_pem(PASSPHRASE)).unwrap();
    for encrypted in [String::from_utf8(keys::encrypted_pem(PASSPHRASE)).unwrap(), legacy] {
        for mangled in [
            encrypted.replace("-----", "——-"),
            encrypted.replace("-----", "----"),
            encrypted.replace('\n', " "),
            encrypted.replace('\n', "\r"),
            encrypted.replace('\n', "\u{a0}\n"),
            format!("\"{encrypted}\""),
        ] {
            assert_loads_with(&mangled, Some(PASSPHRASE));
            let error = Key::from_bytes(mangled.as_bytes(), None).unwrap_err();
            assert_error(&error, Status::Passphrase, "no passphrase is given");
        }
    }
}

#[test]
fn where_a_key_cannot_be_read_the_line_that_is_wrong_is_named() {
    let pem = pem();
    let lines: Vec<&str> = pem.lines().collect();
    let last = lines.len();
    let with_line = |number: usize, line: &str| {
        let mut lines = lines.clone();
        lines[number - 1] = line;
        lines.join("\n")
    };
    for (mangled, words) in [
        (with_line(5, "MIIE*vQ"), "line 5 is not base64".to_owned()),
        (with_line(5, "<b>MIIE</b>"), "line 5 is not base64".to_owned()),
        (with_line(last, "-----END PRIVATE KEY---"), format!("in line {last}, its -----END line")),
        (with_line(last, "-----END PRIV"), format!("in line {last}, its -----END line")),
        (with_line(last, ""), "its -----END line is missing".to_owned()),
        (with_line(1, ""), "its -----BEGIN line is missing".to_owned()),
        (with_line(2, ""), "is damaged: it is cut off".to_owned()),
        (
            format!("{0}\n{0}", with_markers(|line| line.replace("-----", "----"))),
            "more than one private key".to_owned(),
        ),
    ] {
        assert_refused(&mangled, Status::Key, &words);
    }
}

/// Line breaks flipped, and cuts at both ends: read as the same key, or refused.
#[test]
fn a_key_that_is_mangled_anywhere_is_refused_or_signs_the_same_and_never_shows() {
    let signed = Key::from_bytes(pem().as_bytes(), None).unwrap();
    let signed = signed.sign(Algorithm::RS256, b"message").unwrap();
    let digits = body(&pem());
    let mut read = 0;
    let mut check = |bytes: &str| {
        let begin = Instant::now();
        match Key::from_bytes(bytes.as_bytes(), None) {
            Ok(key) => {
                read += 1;
                assert_eq!(key.sign(Algorithm::RS256, b"message").unwrap(), signed);
            }
            Err(error) => {
                assert!(matches!(error.status(), Status::Key | Status::Passphrase), "{error}");
                let text = format!("{error:?}");
                assert!(
                    !digits
                        .as_bytes()
                        .windows(12)
                        .any(|part| text.contains(str::from_utf8(part).unwrap()))
                );
            }
        }
        assert!(begin.elapsed() < Duration::from_secs(5));
    };
    let breaks = [
        "", " ", "\r", "\r\n", "\n\n", "\\n", "\\\\n", "%0A", "\u{a0}", "\u{200b}", "\",\n\"",
        "<br>\n", "\t",
    ];
    for form in [pem(), with_markers(|line| line.replace("-----", "—–-")), format!("\"{}\"", pem())]
    {
        let lines = form.lines().count();
        let is_outer = |number: usize| number < 3 || number + 3 > lines || number.is_multiple_of(9);
        let all = form.match_indices('\n').enumerate();
        for (_, (position, _)) in all.filter(|(number, _)| is_outer(*number)) {
            for other in breaks {
                check(&format!("{}{other}{}", &form[..position], &form[position + 1..]));
            }
        }
        // Everywhere in the first and last lines, and in some of the others.
        let is_tried = |position: &usize| {
            *position < 80 || position + 80 > form.len() || position.is_multiple_of(29)
        };
        let positions = form.char_indices().map(|(position, _)| position).skip(1);
        for position in positions.filter(is_tried) {
            check(&form[..position]);
            check(&form[position..]);
        }
    }
    assert!(read > 100, "{read} were read");
}

#[test]
fn a_text_that_only_looks_like_pem_costs_no_more_than_its_length() {
    let len = 64 * 1024;
    for part in [
        "BEGIN ",
        "BEGIN PRIVATE ",
        "-BEGIN ",
        "- ",
        "BEGIN PRIVATE KEY ",
        "%0A",
        "\"+\"",
        "<D>",
        "\u{2014}",
    ] {
        for begin in ["", "PRIVATE KEY ", "----BEGIN PRIVATE KEY----\n", "<RSAKeyValue>"] {
            let text = begin.to_owned() + &part.repeat((len - 64) / part.len());
            let begun = Instant::now();
            assert_refused(&text, Status::Key, "the private key is");
            // A hundred times what it takes, and far less than what a square of the length would.
            assert!(begun.elapsed() < Duration::from_secs(10), "{part} after {begin}");
        }
    }
}
