//! The whole client: what its callers get, in orders that chance decides.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shuttle::thread::{self, ThreadId};
use simulated_ims::{Cache, Client, Credentials, CredentialsOptions, Proxy, Status, Token};

use crate::world::{Bug, Process, Server, catch};

/// Within the advisory refresh of an hour's token.
const STALE: Duration = Duration::from_secs(3600 - 120);

fn client(cache: Cache) -> Arc<Client> {
    let json = r#"{"client_id":"model","client_secret":"secret","scope":"openid","token_url":"http://127.0.0.1:1/token"}"#;
    let credentials = Credentials::from_json(json.as_bytes(), &CredentialsOptions::default());
    let builder = Client::builder().cache(cache).proxy(Proxy::None).max_attempts(1);
    Arc::new(builder.build(credentials.expect("they are right")).expect("the settings are right"))
}

fn token(client: &Client) -> Token {
    client.token().expect("the server issues one")
}

/// Starts this many threads that each make one call.
fn callers(
    process: &Process,
    client: &Arc<Client>,
    count: usize,
    call: impl Fn(&Client) + Send + Clone + 'static,
) -> Vec<ThreadId> {
    (0..count)
        .map(|_| {
            let (client, call) = (Arc::clone(client), call.clone());
            process.spawn(move || call(&client))
        })
        .collect()
}

/// All callers of a client without a token get the same one, for one request.
pub fn cold(count: usize) {
    Process::run(|process| {
        let client = client(Cache::Memory);
        callers(process, &client, count, |client| {
            assert_eq!(token(client).access_token(), "token-1");
        });
        process.join();
        assert_eq!(process.requests(), 1);
    });
}

/// All callers get the refusal, for one request.
pub fn refused(count: usize) {
    Process::run(|process| {
        process.set_server(Server::Refuses);
        let client = client(Cache::Memory);
        callers(process, &client, count, |client| {
            assert_eq!(client.token().expect_err("it refuses").status(), Status::Rejected);
        });
        process.join();
        assert_eq!(process.requests(), 1);
    });
}

/// The caller who asks panics: the next one asks, for all others.
pub fn panics(count: usize) {
    Process::run(|process| {
        process.set_server(Server::Panics);
        let client = client(Cache::Memory);
        callers(process, &client, count, |client| {
            catch::<Bug>(|| assert_eq!(token(client).access_token(), "token-2"));
        });
        process.join();
        assert_eq!(process.requests(), 2);
    });
}

/// One caller refreshes a token that is near its end. The others get the old one or the new one, and wait for nothing.
pub fn refreshed(count: usize) {
    Process::run(|process| {
        let client = client(Cache::Memory);
        assert_eq!(token(&client).access_token(), "token-1");
        process.pass(STALE);
        callers(process, &client, count, |client| {
            assert!(["token-1", "token-2"].contains(&token(client).access_token()));
        });
        process.join();
        assert_eq!((process.requests(), process.waits()), (2, 0));
        assert_eq!(token(&client).access_token(), "token-2");
    });
}

/// A token is forgotten while others ask, of the same client and of another one with the same shared cache: no call
/// that begins afterwards gets it.
pub fn forgotten(count: usize, cache: &Cache) {
    Process::run(|process| {
        let clients = [client(cache.clone()), client(cache.clone())];
        let old = token(&clients[0]);
        process.pass(STALE);
        let is_forgotten = Arc::new(AtomicBool::new(false));
        for client in &clients {
            let (old, is_forgotten) = (old.clone(), Arc::clone(&is_forgotten));
            callers(process, client, count, move |client| {
                for _ in 0..2 {
                    let was_forgotten = is_forgotten.load(Ordering::SeqCst);
                    let is_old = token(client).access_token() == old.access_token();
                    assert!(!is_old || !was_forgotten, "a token that was forgotten");
                }
            });
        }
        let client = Arc::clone(&clients[0]);
        process.spawn(move || {
            client.forget(&old);
            is_forgotten.store(true, Ordering::SeqCst);
        });
    });
}

/// A fork while threads ask, from a thread that does not: the child's call makes a request of its own unless its parent
/// had a token, and waits for no thread.
pub fn forked(count: usize) {
    Process::run(|process| {
        let client = client(Cache::Memory);
        callers(process, &client, count, |client| drop(token(client)));
        process.spawn(move || {
            let process = Process::current();
            process.step();
            let had_token = client.token_in_memory().is_some();
            process.fork(thread::current().id(), Box::new(|| ()));
            token(&client);
            assert_eq!(process.requests(), usize::from(!had_token));
            assert!(process.waited().is_zero(), "the child waited for a thread of its parent");
        });
    });
}

/// A fork in a signal handler of a thread that asks, anywhere in its call. In the child the handler asks too, and then
/// the call goes on.
pub fn forked_in_handler(count: usize) {
    Process::run(|process| {
        let client = client(Cache::Memory);
        let threads = callers(process, &client, count, |client| drop(token(client)));
        process.spawn(move || {
            let process = Process::current();
            process.step();
            let handle = move || {
                token(&client);
                let waited = Process::current().waited();
                assert!(waited.is_zero(), "the child waited for a thread of its parent");
            };
            process.fork(threads[0], Box::new(handle));
        });
    });
}
