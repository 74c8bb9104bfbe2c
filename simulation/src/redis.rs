//! Redis: the commands that libims sends, over RESP.

use std::collections::BTreeMap;
use std::time::Duration;

/// The data of a server.
#[derive(Default)]
pub struct Redis {
    values: BTreeMap<Vec<u8>, Value>,
    /// Counts the changes of all keys.
    changes: u64,
    /// The number of commands in each second.
    pub commands: BTreeMap<u64, u64>,
}

struct Value {
    bytes: Vec<u8>,
    until: Duration,
    changed: u64,
}

/// One connection, as the server sees it.
#[derive(Default)]
pub struct Session {
    input: Vec<u8>,
    watched: Vec<(Vec<u8>, u64)>,
    queued: Option<Vec<Vec<Vec<u8>>>>,
}

impl Redis {
    /// Takes what a client sent, and returns the replies.
    pub fn receive(&mut self, now: Duration, session: &mut Session, bytes: &[u8]) -> Vec<u8> {
        session.input.extend(bytes);
        let mut replies = Vec::new();
        while let Some((command, length)) = first_command(&session.input) {
            session.input.drain(..length);
            replies.extend(self.reply(now, session, command));
        }
        replies
    }

    /// Forgets everything, as a replica does that nothing was copied to.
    pub fn forget(&mut self) {
        self.values.clear();
        self.changes += 1;
    }

    /// Returns the keys of locks that are held at `now`.
    pub fn locks(&self, now: Duration) -> usize {
        let is_lock = |key: &[u8]| key.windows(5).any(|part| part == b":lock");
        self.values.iter().filter(|(key, value)| is_lock(key) && value.until > now).count()
    }

    fn reply(&mut self, now: Duration, session: &mut Session, command: Vec<Vec<u8>>) -> Vec<u8> {
        *self.commands.entry(now.as_secs()).or_default() += 1;
        let is_exec = command[0] == b"EXEC";
        match &mut session.queued {
            Some(queued) if !is_exec => {
                queued.push(command);
                return b"+QUEUED\r\n".to_vec();
            }
            _ => {}
        }
        let words: Vec<&[u8]> = command.iter().map(Vec::as_slice).collect();
        match words[..] {
            [b"MULTI"] => session.queued = Some(Vec::new()),
            [b"UNWATCH"] => session.watched.clear(),
            [b"WATCH", key] => session.watched.push((key.to_vec(), self.changed(now, key))),
            [b"EXEC"] => {
                let queued = session.queued.take().unwrap_or_default();
                let watched = std::mem::take(&mut session.watched);
                if watched.iter().any(|(key, changed)| self.changed(now, key) != *changed) {
                    return b"*-1\r\n".to_vec();
                }
                let mut replies = format!("*{}\r\n", queued.len()).into_bytes();
                for command in queued {
                    replies.extend(self.reply(now, session, command));
                }
                return replies;
            }
            [b"DEL", key] => {
                self.changes += 1;
                let removed = self.values.remove(key).filter(|value| value.until > now);
                return format!(":{}\r\n", u8::from(removed.is_some())).into_bytes();
            }
            [b"GETRANGE", key, b"0", _] => {
                let there = self.value(now, key).map_or(&[][..], |value| &value.bytes);
                let mut reply = format!("${}\r\n", there.len()).into_bytes();
                reply.extend(there);
                reply.extend(b"\r\n");
                return reply;
            }
            [b"SET", key, _, b"NX", b"PX", _] if self.value(now, key).is_some() => {
                return b"$-1\r\n".to_vec();
            }
            [b"SET", key, bytes, .., b"PX", milliseconds] => {
                let milliseconds = str::from_utf8(milliseconds).unwrap().parse().unwrap();
                self.changes += 1;
                let until = now + Duration::from_millis(milliseconds);
                let value = Value { bytes: bytes.to_vec(), until, changed: self.changes };
                self.values.insert(key.to_vec(), value);
            }
            _ => return b"-ERR unknown command\r\n".to_vec(),
        }
        b"+OK\r\n".to_vec()
    }

    fn value(&self, now: Duration, key: &[u8]) -> Option<&Value> {
        self.values.get(key).filter(|value| value.until > now)
    }

    fn changed(&self, now: Duration, key: &[u8]) -> u64 {
        self.value(now, key).map_or(0, |value| value.changed)
    }
}

/// Returns the words of the first command in `input`, and its length; `None` while it is not whole.
fn first_command(input: &[u8]) -> Option<(Vec<Vec<u8>>, usize)> {
    let mut place = 0;
    let mut number = |kind: u8| {
        let end = place + input[place..].windows(2).position(|pair| pair == b"\r\n")?;
        assert_eq!(input[place], kind, "RESP");
        let number: usize = str::from_utf8(&input[place + 1..end]).ok()?.parse().ok()?;
        place = end + 2;
        if kind == b'$' {
            place += number + 2;
        }
        Some((number, place))
    };
    let (count, _) = number(b'*')?;
    let mut words = Vec::new();
    let mut length = 0;
    for _ in 0..count {
        let (size, end) = number(b'$')?;
        words.push(input.get(end - 2 - size..end - 2)?.to_vec());
        length = end;
    }
    (length <= input.len()).then_some((words, length))
}
