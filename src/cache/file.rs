//! Entries in files, for all processes of one user.

use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::backend::{BackendSession, LockRank};
use super::directory::{self, Directory, State, is_ours};
use super::entry::MAX_ENTRY;
use super::problem::Problem;
use super::survey::Survey;
use crate::fork::Process;
use crate::system::fs::{
    self, DirBuilder, DirBuilderExt, File, Metadata, MetadataExt, OpenOptions, OpenOptionsExt,
    TryLockError,
};

/// One account's files in the directory: `NAME.token` is the entry, `NAME.new`, `.new2` and `.new3` one
/// in the making, `NAME.lock`, `.lock2` and `.lock3` are locks, `NAME.probe` is doctor's. Locks are never
/// removed: of two callers, one would hold the old file and one the new.
pub(super) struct FileCache {
    directory: Directory,
    name: String,
}

impl FileCache {
    /// Makes the file cache of one account. `None` is the user's own directory.
    pub fn new(directory: Option<&Path>, name: &str) -> Self {
        let directory = directory.map_or_else(Directory::default, Directory::named);
        Self { directory, name: name.to_owned() }
    }

    pub fn survey(&self) -> Survey {
        let path = self.directory.path().ok();
        // A probe finds the reason why the directory cannot be created or used. Then it creates
        // nothing.
        let would_be_made = path.as_deref().is_some_and(directory::can_be_made);
        Survey {
            place: path.map_or_else(
                || "the user's own directory".to_owned(),
                |path| path.display().to_string(),
            ),
            problems: self.directory.passed_over(),
            idle: would_be_made.then_some("holds no token: it is made when there is one"),
        }
    }

    pub fn session(&self) -> FileSession<'_> {
        let locks = [None, None, None];
        FileSession {
            cache: self,
            process: Process::current(),
            directory: None,
            locks,
            entry: "token",
        }
    }
}

/// One call's session with the files, and the locks it holds.
pub(super) struct FileSession<'a> {
    cache: &'a FileCache,
    process: Process,
    /// Set once it is found to be safe.
    directory: Option<PathBuf>,
    /// The locks that this session holds, by rank.
    locks: [Option<File>; 3],
    /// The ending of the entry's name.
    entry: &'static str,
}

impl FileSession<'_> {
    /// A path in the directory, which is made where it is missing.
    fn path(&mut self, ending: &str) -> Result<PathBuf, Problem> {
        match self.existing_path(ending)? {
            Some(path) => Ok(path),
            None => {
                let directory = self.cache.directory.path()?;
                let made = DirBuilder::new().recursive(true).mode(0o700).create(&directory);
                made.map_err(|error| Problem::of_file(&directory, "cannot be made", &error))?;
                // Another process, perhaps of another user, may have created it in between.
                let path = self.existing_path(ending)?;
                path.ok_or_else(|| Problem::new(format!("{} was removed", directory.display())))
            }
        }
    }

    /// A path in the directory; `None` where that is missing.
    fn existing_path(&mut self, ending: &str) -> Result<Option<PathBuf>, Problem> {
        if self.directory.is_none() {
            let directory = self.cache.directory.path()?;
            let state = directory::state(&directory)
                .map_err(|error| Problem::of_file(&directory, "cannot be used", &error))?;
            match state {
                State::Missing => return Ok(None),
                State::Usable => self.directory = Some(directory),
                State::Flawed(problem) => return Err(problem),
            }
        }
        let path = |directory: &PathBuf| directory.join(format!("{}.{ending}", self.cache.name));
        Ok(self.directory.as_ref().map(path))
    }

    /// Returns the locks that this process holds. A child that a signal handler forks has its
    /// parent's files open, but holds no lock.
    fn held(&self) -> impl Iterator<Item = (LockRank, &File)> {
        let is_own = self.process == Process::current();
        let held = |(rank, lock)| Option::as_ref(lock).map(|lock| (rank, lock));
        LockRank::ALL.into_iter().zip(&self.locks).filter_map(held).filter(move |_| is_own)
    }
}

/// Returns what follows `lock` and `new` in the names of files.
fn ending(rank: LockRank) -> &'static str {
    match rank {
        LockRank::First => "",
        LockRank::Second => "2",
        LockRank::Third => "3",
    }
}

impl BackendSession for FileSession<'_> {
    fn read(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let Some(path) = self.existing_path(self.entry)? else { return Ok(None) };
        let problem = |error| Problem::of_file(&path, "cannot be read", &error);
        let file = match open(OpenOptions::new().read(true), &path) {
            Ok(file) => file,
            Err(error) if is_no_entry(&error) => return Ok(None),
            Err(error) => return Err(problem(error)),
        };
        let metadata = file.metadata().map_err(problem)?;
        // Anything else at the entry's path is replaced by the next write.
        if metadata.is_dir() {
            return Err(problem(io::Error::from_raw_os_error(libc::EISDIR)));
        }
        if !is_ours_alone(&metadata) {
            return Ok(None);
        }
        let len = usize::try_from(metadata.len()).unwrap_or(MAX_ENTRY).min(MAX_ENTRY);
        // With room for the end to show in the same read.
        let mut entry = Vec::with_capacity(len + 1);
        file.take(MAX_ENTRY as u64 + 1).read_to_end(&mut entry).map_err(problem)?;
        Ok(Some(entry))
    }

    fn try_lock(&mut self, rank: LockRank) -> Result<bool, Problem> {
        if self.locks[rank as usize].is_some() {
            return Ok(true);
        }
        let path = self.path(&format!("lock{}", ending(rank)))?;
        let problem = |error| Problem::of_file(&path, "cannot be locked", &error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = open(&mut options, &path).map_err(problem)?;
        if !is_ours_alone(&file.metadata().map_err(problem)?) {
            return Err(problem(io::Error::other("it is not a file of this user alone")));
        }
        match file.try_lock() {
            Ok(()) => self.locks[rank as usize] = Some(file),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(problem(error)),
        }
        Ok(true)
    }

    fn write(&mut self, entry: &[u8], _: Duration) -> Result<(), Problem> {
        // Two processes that write without a lock would each take the other's file for an abandoned
        // one.
        let Some((rank, _)) = self.held().next() else { return Ok(()) };
        let (new, path) = (self.path(&format!("new{}", ending(rank)))?, self.path(self.entry)?);
        replace(&new, &path, entry).map_err(|error| {
            // A part of an entry is useless.
            let _ = fs::remove_file(&new);
            Problem::of_file(&path, "cannot be written", &error)
        })
    }

    fn remove(&mut self, entry: &[u8]) -> Result<(), Problem> {
        // An entry that is written at this moment is lost, which costs its account an exchange.
        if self.read()?.is_none_or(|there| there != entry) {
            return Ok(());
        }
        let path = self.path(self.entry)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Problem::of_file(&path, "cannot be removed", &error))
            }
            _ => Ok(()),
        }
    }

    fn use_probe(&mut self) {
        self.entry = "probe";
    }

    fn stuck(&self, rank: LockRank) -> Problem {
        let directory = self.directory.as_deref().unwrap_or(Path::new(""));
        let lock = directory.join(format!("{}.lock{}", self.cache.name, ending(rank)));
        let lock = lock.display();
        Problem::new(format!(
            "another process keeps {lock} locked, and calls that need a token wait for it, half of their time at most"
        ))
        .with_hint(format!(
            "it makes an exchange that is slow, or is stopped: see which it is with fuser {lock}"
        ))
    }
}

impl Drop for FileSession<'_> {
    fn drop(&mut self) {
        for (_, lock) in self.held() {
            // Closing it is not enough, because a child that was forked meanwhile has it open too.
            let _ = lock.unlock();
        }
    }
}

/// Opens a file without following a symbolic link and without waiting for a FIFO. std adds
/// `O_CLOEXEC`.
fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

/// Returns true if there is nothing at the entry's path, or something other than an entry: a link,
/// a socket, or a file of someone else. The next write replaces it.
fn is_no_entry(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied)
        || matches!(error.raw_os_error(), Some(libc::ELOOP | libc::EMLINK | libc::ENXIO))
}

/// A regular file that no one else can write to, by this path or by another.
fn is_ours_alone(metadata: &Metadata) -> bool {
    metadata.is_file()
        && is_ours(metadata)
        && metadata.nlink() == 1
        && metadata.mode() & directory::WRITABLE_BY_OTHERS == 0
}

/// Replaces the file by renaming a new one, so that readers see the old entry or the new. There is
/// no fsync: after a power cut an entry may be damaged and is then ignored. An exchange costs less
/// than a disk access on every write.
fn replace(new: &Path, path: &Path, entry: &[u8]) -> io::Result<()> {
    match fs::remove_file(new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    open(&mut options, new)?.write_all(entry)?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use support::directory::Directory as Place;

    use super::*;
    use crate::cache::examples::{account, entry, read, soon};
    use crate::cache::location::Cache;
    use crate::cache::{Entry, Locking, SharedCache};

    fn cache(directory: &Path) -> SharedCache {
        let cache = Cache::File(Some(directory.to_owned()));
        SharedCache::new(&cache, &account(), None).unwrap().unwrap()
    }

    /// Stores an entry like the process that made the exchange.
    fn store(cache: &SharedCache, entry: &Entry) -> Locking {
        let mut session = cache.session(soon());
        let locking = session.try_lock(LockRank::First);
        session.write(entry);
        locking
    }

    fn found(cache: &SharedCache) -> Option<String> {
        read(&mut cache.session(soon()))
    }

    /// The file of the directory with this ending.
    fn file(directory: &Path, ending: &str) -> Option<PathBuf> {
        let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        paths.into_iter().find(|path| path.extension().is_some_and(|found| found == ending))
    }

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o7777
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A directory that the cache takes for its own.
    fn place() -> Place {
        let place = Place::new();
        chmod(place.path(), 0o700);
        place
    }

    #[test]
    fn a_token_is_there_for_the_next_process_and_for_no_one_else() {
        let place = place();
        let directory = place.path().join("not/there/yet");
        assert_eq!(found(&cache(&directory)), None);
        assert_eq!(store(&cache(&directory), &entry("t0ken", 3600)), Locking::Held);
        assert_eq!(found(&cache(&directory)).unwrap(), "t0ken");
        assert_eq!(mode(&directory), 0o700);
        assert_eq!(mode(&place.path().join("not")), 0o700);
        let names = fs::read_dir(&directory).unwrap().count();
        assert_eq!(names, 2, "an entry and a lock");
        for ending in ["token", "lock"] {
            assert_eq!(mode(&file(&directory, ending).unwrap()), 0o600, "{ending}");
        }
    }

    #[test]
    fn a_directory_that_others_could_change_is_not_used() {
        let place = place();
        let (real, link) = (place.path().join("real"), place.path().join("link"));
        fs::create_dir(&real).unwrap();
        symlink(&real, &link).unwrap();
        let regular = place.write("file", "");
        for (directory, mode) in [(&real, 0o770), (&real, 0o707), (&link, 0o700), (&regular, 0o700)]
        {
            chmod(directory, mode);
            let cache = cache(directory);
            assert_eq!(store(&cache, &entry("t0ken", 3600)), Locking::Unavailable, "{mode:o}");
            assert_eq!(found(&cache), None);
            assert_eq!(fs::read_dir(&real).unwrap().count(), 0);
        }
        chmod(&real, 0o755);
        assert_eq!(store(&cache(&real), &entry("t0ken", 3600)), Locking::Held);
    }

    #[test]
    fn a_directory_of_another_user_is_not_used() {
        // The other user: root for everyone else, and another user for root.
        let place = place();
        let directory = if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(place.path(), Some(12345), None).unwrap();
            place.path()
        } else {
            Path::new("/")
        };
        assert_eq!(store(&cache(directory), &entry("t0ken", 3600)), Locking::Unavailable);
    }

    #[test]
    fn what_stands_in_the_entrys_place_is_not_followed_and_is_replaced() {
        let place = place();
        let cache = cache(place.path());
        store(&cache, &entry("t0ken", 3600));
        let path = file(place.path(), "token").unwrap();
        let elsewhere = place.path().join("elsewhere");
        let put: [(&str, &dyn Fn()); 5] = [
            ("a symlink", &|| {
                fs::rename(&path, &elsewhere).unwrap();
                symlink(&elsewhere, &path).unwrap();
            }),
            ("a hard link", &|| fs::hard_link(&path, &elsewhere).unwrap()),
            ("a FIFO", &|| {
                fs::remove_file(&path).unwrap();
                assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
            }),
            ("a socket", &|| {
                fs::remove_file(&path).unwrap();
                UnixListener::bind(&path).unwrap();
            }),
            ("a file that others write to", &|| chmod(&path, 0o622)),
        ];
        for (what, put) in put {
            put();
            assert_eq!(found(&cache), None, "{what}");
            assert_eq!(store(&cache, &entry("again", 3600)), Locking::Held, "{what}");
            assert_eq!(found(&cache).unwrap(), "again", "{what}");
            assert_eq!(mode(&path), 0o600, "{what}");
            let _ = fs::remove_file(&elsewhere);
        }
    }

    #[test]
    fn what_stands_in_the_locks_place_is_not_followed_and_the_call_goes_on() {
        let place = place();
        let path = {
            store(&cache(place.path()), &entry("t0ken", 3600));
            file(place.path(), "lock").unwrap()
        };
        let target = place.write("target", "");
        let put: [(&str, &dyn Fn()); 4] = [
            ("a symlink", &|| symlink(&target, &path).unwrap()),
            ("a hard link", &|| fs::hard_link(&target, &path).unwrap()),
            ("a directory", &|| fs::create_dir(&path).unwrap()),
            ("a FIFO", &|| {
                assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
            }),
        ];
        for (what, put) in put {
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
            put();
            let locking = store(&cache(place.path()), &entry("other", 7200));
            assert_eq!(locking, Locking::Unavailable, "{what}");
        }
        assert_eq!(found(&cache(place.path())).unwrap(), "t0ken");
    }

    #[test]
    fn a_lock_is_let_go_though_a_forked_child_still_has_it_open() {
        let place = place();
        let cache = FileCache::new(Some(place.path()), "name");
        let mut holder = cache.session();
        assert!(holder.try_lock(LockRank::First).unwrap());
        let childs = holder.locks[0].as_ref().unwrap().try_clone().unwrap();
        assert!(!cache.session().try_lock(LockRank::First).unwrap());
        drop(holder);
        assert!(cache.session().try_lock(LockRank::First).unwrap());
        drop(childs);
    }

    #[test]
    fn nothing_is_written_without_a_lock() {
        let place = place();
        let cache = cache(place.path());
        cache.session(soon()).write(&entry("t0ken", 3600));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_stray_file_of_a_killed_writer_is_taken_away_by_the_next() {
        let place = place();
        let cache = cache(place.path());
        store(&cache, &entry("old", 3600));
        let stray = file(place.path(), "token").unwrap().with_extension("new");
        fs::write(&stray, "half").unwrap();
        assert_eq!(found(&cache).unwrap(), "old");
        store(&cache, &entry("new", 7200));
        assert_eq!(found(&cache).unwrap(), "new");
        assert!(!stray.exists());
    }

    #[test]
    fn an_entry_that_is_empty_cut_or_altered_is_a_miss_that_the_next_exchange_heals() {
        let place = place();
        let cache = cache(place.path());
        store(&cache, &entry("t0ken", 3600));
        let path = file(place.path(), "token").unwrap();
        let good = fs::read(&path).unwrap();
        let huge = [&good[..], &vec![0; MAX_ENTRY]].concat();
        for bad in [&[][..], &good[..good.len() - 1], &good[1..], &huge] {
            fs::write(&path, bad).unwrap();
            assert_eq!(found(&cache), None);
            store(&cache, &entry("again", 3600));
            assert_eq!(found(&cache).unwrap(), "again");
        }
    }

    #[test]
    fn a_forgotten_token_leaves_no_file() {
        let place = place();
        let cache = cache(place.path());
        store(&cache, &entry("t0ken", 3600));
        cache.session(soon()).forget("t0ken");
        assert_eq!(found(&cache), None);
        assert!(file(place.path(), "token").is_none());
    }

    #[test]
    fn a_cache_that_cannot_be_used_costs_no_call() {
        let place = place();
        // A read-only disk would be enough, but root may write to it.
        let below_a_file = place.write("file", "").join("ims");
        for directory in [&*below_a_file, Path::new("/proc/ims"), Path::new("/dev/null")] {
            let cache = cache(directory);
            let mut session = cache.session(soon());
            assert_eq!(read(&mut session), None);
            assert_eq!(session.try_lock(LockRank::First), Locking::Unavailable);
            session.write(&entry("t0ken", 3600));
            session.forget("t0ken");
        }
    }

    #[test]
    fn a_probe_does_what_a_call_does_and_leaves_the_entry_alone() {
        let place = place();
        let cache = cache(place.path());
        store(&cache, &entry("t0ken", 3600));
        let left_behind = file(place.path(), "token").unwrap().with_extension("probe");
        fs::write(&left_behind, "by a doctor that was killed").unwrap();
        assert!(cache.session(soon()).probe(Duration::ZERO).1.is_empty());
        assert!(!left_behind.exists());
        assert_eq!(found(&cache).unwrap(), "t0ken");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2, "the entry and its lock");

        // A file that no call could replace.
        for (ending, what) in [("probe", "cannot be written"), ("token", "cannot be read")] {
            let path = left_behind.with_extension(ending);
            let _ = fs::remove_file(&path);
            fs::create_dir(&path).unwrap();
            let (_, problems) = cache.session(soon()).probe(Duration::ZERO);
            assert!(problems.len() == 1 && problems[0].problem.contains(what), "{problems:?}");
            assert!(problems[0].hint.as_ref().unwrap().contains("remove it"), "{problems:?}");
            fs::remove_dir(&path).unwrap();
        }
    }

    #[test]
    fn a_probe_names_the_locks_that_are_held_and_goes_on_by_the_next_as_a_call_does() {
        let place = place();
        let (ours, theirs) = (cache(place.path()), cache(place.path()));
        let mut holder = ours.session(soon());
        for (held, rank) in LockRank::ALL.into_iter().enumerate() {
            assert_eq!(theirs.session(soon()).probe(Duration::ZERO).1.len(), held);
            assert_eq!(holder.try_lock(rank), Locking::Held);
        }
        let (_, problems) = theirs.session(soon()).probe(Duration::ZERO);
        for (problem, ending) in problems.iter().zip(["lock", "lock2", "lock3"]) {
            let path = file(place.path(), ending).unwrap();
            assert!(problem.problem.contains(&format!("{} locked", path.display())), "{problem}");
        }
        assert_eq!(problems.len(), 3);
        assert!(file(place.path(), "probe").is_none());
    }

    #[test]
    fn an_entry_that_cannot_be_put_in_place_leaves_no_stray_file() {
        let place = place();
        let cache = FileCache::new(Some(place.path()), "name");
        fs::create_dir(place.path().join("name.token")).unwrap();
        let mut session = cache.session();
        assert!(session.try_lock(LockRank::First).unwrap());
        session.write(b"entry", Duration::ZERO).unwrap_err();
        assert!(!place.path().join("name.new").exists());
    }
}
