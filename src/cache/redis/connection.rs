//! One connection to Redis.

use std::io::{ErrorKind, Read, Write};

use ::redis::{Cmd, Value, parse_redis_value};
use rustls::{ClientConnection, StreamOwned};
use zeroize::Zeroizing;

use super::failure::{Failure, Garbage};
use super::socket::Socket;
use super::tls;
use crate::cache::entry::MAX_ENTRY;

/// The limit of a reply's first line in bytes. That line may hold an error's text.
const MAX_LINE: usize = 1024;
/// The limit of an array's elements. No command that libims sends has a longer reply.
const MAX_ELEMENTS: usize = 2;
/// The limit in bytes of the response to commands that are sent together: an entry, and the
/// overhead of TLS.
const MAX_INPUT: usize = MAX_ENTRY + 32 * 1024;

/// A connection that sends commands and checks every reply.
pub(super) struct Connection {
    wire: Wire,
    /// Received bytes that are not parsed yet.
    input: Vec<u8>,
    has_responded: bool,
}

enum Wire {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

impl Connection {
    pub fn plain(socket: Socket) -> Self {
        Self { wire: Wire::Plain(socket), input: Vec::new(), has_responded: false }
    }

    /// Makes the handshake.
    pub fn over_tls(mut client: ClientConnection, mut socket: Socket) -> Result<Self, Failure> {
        socket.allow(MAX_INPUT);
        client.complete_io(&mut socket).map_err(|error| match error.get_ref() {
            Some(_) => tls::failure("does not finish the TLS handshake", &error),
            None => Failure::network("does not finish the TLS handshake", &error)
                .with_hint("write redis:// if this port has no TLS"),
        })?;
        let wire = Wire::Tls(Box::new(StreamOwned::new(client, socket)));
        Ok(Self { wire, input: Vec::new(), has_responded: false })
    }

    /// Sends `commands` at once and reads a reply to each. After a failure the connection is of no
    /// more use: the next reply might be an earlier command's.
    pub fn exchange(&mut self, commands: &[Cmd]) -> Result<Vec<Value>, Failure> {
        match &mut self.wire {
            Wire::Plain(socket) => socket.allow(MAX_INPUT),
            Wire::Tls(tls) => tls.sock.allow(MAX_INPUT),
        }
        self.send(commands)?;
        let values = commands.iter().map(|_| self.reply()).collect::<Result<_, _>>()?;
        // Input that belongs to no command would be taken for the next reply.
        if self.input.is_empty() { Ok(values) } else { Err(Garbage.into()) }
    }

    fn send(&mut self, commands: &[Cmd]) -> Result<(), Failure> {
        let mut output = Zeroizing::new(Vec::new());
        for command in commands {
            output.extend(Zeroizing::new(command.get_packed_command()).iter());
        }
        let sent = match &mut self.wire {
            Wire::Plain(socket) => socket.write_all(&output),
            Wire::Tls(tls) => tls.write_all(&output).and_then(|()| tls.flush()),
        };
        sent.map_err(|error| tls::failure("takes no command", &error))
    }

    /// The next reply.
    fn reply(&mut self) -> Result<Value, Failure> {
        loop {
            if let Some(reply) = take_reply(&mut self.input)? {
                self.has_responded = true;
                return Ok(reply);
            }
            let mut chunk = [0; 4096];
            let read = match &mut self.wire {
                Wire::Plain(socket) => socket.read(&mut chunk),
                Wire::Tls(tls) => tls.read(&mut chunk),
            };
            match read {
                Ok(0) => return Err(self.closed()),
                Ok(read) => self.input.extend(&chunk[..read]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                    return Err(self.closed());
                }
                Err(error) => return Err(tls::failure("does not respond", &error)),
            }
        }
    }

    fn closed(&self) -> Failure {
        match self.wire {
            Wire::Plain(_) if !self.has_responded => {
                Failure::away("closed the connection before any response")
                    .with_hint("write rediss:// if this port has TLS")
            }
            _ => Failure::away("closed the connection"),
        }
    }
}

/// Takes the first reply out of `input`; `None` while it is not whole. The crate's parser sees it only whole
/// and of a kind that we ask for: it would believe any length and nest deeply.
pub(super) fn take_reply(input: &mut Vec<u8>) -> Result<Option<Value>, Garbage> {
    let Some(length) = first_reply(input)? else { return Ok(None) };
    let reply: Vec<u8> = input.drain(..length).collect();
    match plain(&reply) {
        Some(value) => Ok(Some(value)),
        None => parse_redis_value(&reply).map(Some).map_err(|_| Garbage),
    }
}

/// Returns what a whole reply says, if it is an entry or OK. Most calls see no other, and the crate's parser first
/// asks the processor what it can do: on a virtual machine, that takes as long as to connect.
fn plain(reply: &[u8]) -> Option<Value> {
    match reply {
        b"+OK\r\n" => Some(Value::Okay),
        [b'$', b'0'..=b'9', ..] => {
            let length = first_line(reply).ok()??;
            Some(Value::BulkString(reply[length..].strip_suffix(b"\r\n")?.to_vec()))
        }
        _ => None,
    }
}

/// The length of the first reply in `input`; `None` while it is not whole.
fn first_reply(input: &[u8]) -> Result<Option<usize>, Garbage> {
    if input.first() != Some(&b'*') {
        return first_element(input);
    }
    let Some(mut length) = first_line(input)? else { return Ok(None) };
    let count = match &input[1..length - 2] {
        b"-1" => 0,
        count => number(count).filter(|count| *count <= MAX_ELEMENTS).ok_or(Garbage)?,
    };
    for _ in 0..count {
        match first_element(&input[length..])? {
            Some(element) => length += element,
            None => return Ok(None),
        }
    }
    Ok(Some(length))
}

/// Returns the length of the first reply in `input`, if that is not an array. Returns `None` as
/// long as it is not complete.
fn first_element(input: &[u8]) -> Result<Option<usize>, Garbage> {
    let Some(kind) = input.first() else { return Ok(None) };
    if !b"+-:$".contains(kind) {
        return Err(Garbage);
    }
    let Some(mut length) = first_line(input)? else { return Ok(None) };
    let size = &input[1..length - 2];
    if *kind == b'$' && size != b"-1" {
        length += number(size).filter(|size| *size <= MAX_ENTRY + 1).ok_or(Garbage)? + 2;
    }
    Ok((input.len() >= length).then_some(length))
}

/// The length of the first line, with its end.
fn first_line(input: &[u8]) -> Result<Option<usize>, Garbage> {
    let line = &input[..input.len().min(MAX_LINE)];
    match line.windows(2).position(|pair| pair == b"\r\n") {
        Some(end) => Ok(Some(end + 2)),
        None if line.len() < MAX_LINE => Ok(None),
        None => Err(Garbage),
    }
}

fn number(digits: &[u8]) -> Option<usize> {
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_seen_once_it_is_whole_and_not_before() {
        for reply in ["+OK\r\n", "$-1\r\n", "$2\r\n\r\n\r\n", "*-1\r\n", "*2\r\n$1\r\na\r\n:7\r\n"]
        {
            for cut in 0..reply.len() {
                assert_eq!(first_reply(&reply.as_bytes()[..cut]), Ok(None), "{reply:?} {cut}");
            }
            let more = format!("{reply}+");
            assert_eq!(first_reply(more.as_bytes()), Ok(Some(reply.len())), "{reply:?}");
        }
    }

    #[test]
    fn the_replies_that_most_calls_see_are_what_the_crate_takes_them_for() {
        for reply in ["+OK\r\n", "$0\r\n\r\n", "$2\r\n\r\n\r\n", "$5\r\nentry\r\n"] {
            let expected = parse_redis_value(reply.as_bytes()).unwrap();
            assert_eq!(plain(reply.as_bytes()), Some(expected), "{reply:?}");
        }
        for reply in ["$-1\r\n", "+QUEUED\r\n", "-ERR no\r\n", "$2\r\nabcd", ":1\r\n"] {
            assert_eq!(plain(reply.as_bytes()), None, "{reply:?}");
        }
    }

    #[test]
    fn long_and_nested_replies_are_refused_by_their_first_bytes() {
        for reply in ["*3\r\n", "*1\r\n*", "$65538\r\n", "*-2\r\n", "%1\r\n", "*1\r\n$99999999\r\n"]
        {
            assert_eq!(first_reply(reply.as_bytes()), Err(Garbage), "{reply:?}");
        }
    }
}
