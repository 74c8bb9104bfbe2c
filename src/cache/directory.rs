//! The directory of a file cache: which one it is, and whether it can be used.

use std::env;
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};
use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::process::geteuid;

use super::problem::Problem;
use crate::environment;
use crate::system::fs::{self, Metadata, MetadataExt};

pub(super) const WRITABLE_BY_OTHERS: u32 = 0o022;
/// The name of our directory in one of the user's.
const NAME: &str = "ims";

/// The directory of a file cache.
pub(super) enum Directory {
    Named(PathBuf),
    /// The first of these that is the user's own.
    Default(Vec<Candidate>),
}

/// A directory that would be the default.
pub(super) struct Candidate {
    path: PathBuf,
    /// The directory above it, which must exist and belong to this user: nothing is created outside.
    anchor: PathBuf,
}

impl Directory {
    pub fn named(path: &Path) -> Self {
        // Without a slash at the end, because a slash makes the system follow a link.
        Self::Named(path.components().collect())
    }

    /// Reads the environment as it is now. Where variables were inherited, as by sudo and su, they name
    /// another user's directories: which candidate is this user's own is seen when it is used.
    pub fn default() -> Self {
        let variable =
            |name| environment::variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let mut candidates = Vec::new();
        candidates.extend(variable("XDG_RUNTIME_DIR").map(Candidate::within));
        if let Some(caches) = variable("XDG_CACHE_HOME") {
            let anchor = if caches.is_dir() { caches.clone() } else { above(&caches) };
            candidates.push(Candidate { path: caches.join(NAME), anchor });
        }
        candidates.extend(variable("HOME").map(Candidate::of_home));
        // systemd's CacheDirectory=, for services whose user has no home directory.
        if let Some(list) = environment::variable("CACHE_DIRECTORY") {
            candidates.extend(Candidate::within_each(&list));
        }
        Self::Default(candidates)
    }

    /// The directory to use now, which may still be missing.
    pub fn path(&self) -> Result<PathBuf, Problem> {
        match self {
            Self::Named(path) => Ok(path.clone()),
            Self::Default(candidates) => {
                let own = candidates.iter().find(|candidate| candidate.is_usable());
                let own = own.map(|candidate| candidate.path.clone());
                own.or_else(Candidate::of_account).ok_or_else(|| {
                    Problem::new("this user has no directory of its own")
                        .with_hint("name one: file:/DIR")
                })
            }
        }
    }

    /// Says why directories that would come before the one in use are not used. Those that are not this
    /// user's are named by inherited variables, and are nothing to worry about.
    pub fn passed_over(&self) -> Vec<Problem> {
        let Self::Default(candidates) = self else { return Vec::new() };
        let before = candidates.iter().take_while(|candidate| !candidate.is_usable());
        before.filter_map(Candidate::problem).collect()
    }
}

impl Candidate {
    fn within(directory: PathBuf) -> Self {
        Self { path: directory.join(NAME), anchor: directory }
    }

    /// Takes a list with colons between, as systemd joins several directories.
    fn within_each(list: &OsStr) -> impl Iterator<Item = Self> {
        env::split_paths(list).filter(|path| path.is_absolute()).map(Self::within)
    }

    fn of_home(home: PathBuf) -> Self {
        // XDG_CACHE_HOME is a different candidate.
        let caches = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        Self { path: home.join(caches).join(NAME), anchor: home }
    }

    /// Below the home directory that the system's list of users has. It is asked last: the list may
    /// be on another machine.
    fn of_account() -> Option<PathBuf> {
        // In a set-user-ID program, the user of the tokens is not known.
        if environment::is_privileged() {
            return None;
        }
        let user = User::from_uid(Uid::effective()).ok()??;
        let candidate = Self::of_home(user.dir);
        candidate.is_usable().then_some(candidate.path)
    }

    fn is_usable(&self) -> bool {
        let nearest = self.path.ancestors().find(|path| fs::symlink_metadata(path).is_ok());
        let is_own = |path: &Path| fs::metadata(path).is_ok_and(|found| is_ours(&found));
        match nearest {
            Some(path) if path == self.path => {
                matches!(state(path), Ok(State::Usable)) && may_write(path).is_ok()
            }
            Some(path) => is_own(path) && is_own(&self.anchor) && may_write(path).is_ok(),
            None => false,
        }
    }

    /// Returns the reason why the directory cannot be used. Returns `None` too if its anchor does
    /// not belong to this user.
    fn problem(&self) -> Option<Problem> {
        if !fs::metadata(&self.anchor).is_ok_and(|anchor| is_ours(&anchor)) {
            return None;
        }
        let cannot_be_used = |error| Problem::of_file(&self.path, "cannot be used", &error);
        let problem = match state(&self.path) {
            Ok(State::Flawed(problem)) => problem,
            Ok(State::Usable) => cannot_be_used(may_write(&self.path).err()?),
            Ok(State::Missing) => cannot_be_used(may_write(existing(&self.path)?).err()?),
            Err(error) => cannot_be_used(error),
        };
        Some(Problem { problem: format!("{}; it is passed over", problem.problem), ..problem })
    }
}

fn above(path: &Path) -> PathBuf {
    path.parent().unwrap_or(path).to_owned()
}

/// The state of a directory's path.
pub(super) enum State {
    Missing,
    Usable,
    Flawed(Problem),
}

/// # Errors
/// Where the directories above it do not let this process look.
pub(super) fn state(directory: &Path) -> io::Result<State> {
    match fs::symlink_metadata(directory) {
        Ok(metadata) => Ok(flaw(directory, &metadata).map_or(State::Usable, State::Flawed)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(State::Missing),
        Err(error) => Err(error),
    }
}

/// Returns the problem of the directory: someone who may write to it could put an old entry back,
/// or keep a lock for ever.
fn flaw(directory: &Path, metadata: &Metadata) -> Option<Problem> {
    let shown = directory.display();
    // For example a volume of a container: a directory of this user below it can be used.
    let below = || format!("name a directory in it, which is then made: file:{shown}/{NAME}");
    let (problem, hint) = if !metadata.is_dir() {
        ("it is not a directory", "remove it, or name another directory: file:/DIR".to_owned())
    } else if !is_ours(metadata) {
        let hint = match may_write(directory) {
            Ok(()) => below(),
            Err(_) => format!("chown {shown} to this user, or name another: file:/DIR"),
        };
        ("it belongs to another user", hint)
    } else if metadata.mode() & WRITABLE_BY_OTHERS != 0 {
        ("other users can write to it", format!("chmod 700 {shown}, or {}", below()))
    } else {
        return None;
    };
    Some(Problem::new(format!("{shown} cannot be used: {problem}")).with_hint(hint))
}

/// Returns whether it is missing, and nothing is seen that would keep it from being made.
pub(super) fn can_be_made(directory: &Path) -> bool {
    matches!(state(directory), Ok(State::Missing))
        && existing(directory).is_some_and(|above| may_write(above).is_ok())
}

/// The nearest directory above it, or itself, that is there.
fn existing(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|above| above.exists())
}

/// Checks the rights with which files are created, which are the effective user's. They differ from
/// the caller's in a set-user-ID program. Detects a read-only file system too.
fn may_write(directory: &Path) -> io::Result<()> {
    Ok(accessat(CWD, directory, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?)
}

pub(super) fn is_ours(metadata: &Metadata) -> bool {
    metadata.uid() == geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use support::directory::Directory as Place;

    use super::*;

    fn candidate(anchor: &Path, below: &str) -> Candidate {
        Candidate { path: anchor.join(below), anchor: anchor.to_owned() }
    }

    fn chosen(candidates: Vec<Candidate>) -> Option<PathBuf> {
        let account = Candidate::of_account();
        Directory::Default(candidates).path().ok().filter(|path| Some(path) != account.as_ref())
    }

    #[test]
    fn a_directory_that_is_missing_is_made_only_in_one_of_this_users_own() {
        let place = Place::new();
        let own = candidate(place.path(), ".cache/ims");
        let missing = candidate(&place.path().join("missing"), "ims");
        assert_eq!(chosen(vec![missing, own]).unwrap(), place.path().join(".cache/ims"));
    }

    #[test]
    fn of_several_directories_that_systemd_makes_the_first_of_this_users_own_is_taken() {
        let (first, second) = (Place::new(), Place::new());
        let list = env::join_paths([Path::new("relative"), first.path(), second.path()]).unwrap();
        let paths: Vec<PathBuf> =
            Candidate::within_each(&list).map(|candidate| candidate.path).collect();
        assert_eq!(paths, [first.path().join("ims"), second.path().join("ims")]);
        assert_eq!(chosen(Candidate::within_each(&list).collect()).unwrap(), paths[0]);
    }

    #[test]
    fn a_path_below_a_file_is_an_error_and_not_a_directory_that_is_missing() {
        let place = Place::new();
        let file = place.write("file", "");
        assert!(state(&file.join("ims")).is_err());
        assert!(matches!(state(&place.path().join("ims")), Ok(State::Missing)));
    }

    #[test]
    fn what_others_own_or_may_write_to_is_passed_over() {
        let (first, second) = (Place::new(), Place::new());
        let fallback = || candidate(second.path(), "ims");
        let ims = first.path().join("ims");
        fs::create_dir(&ims).unwrap();
        fs::set_permissions(&ims, fs::Permissions::from_mode(0o777)).unwrap();
        let first_or_second = || chosen(vec![candidate(first.path(), "ims"), fallback()]).unwrap();
        assert_eq!(first_or_second(), second.path().join("ims"));
        fs::set_permissions(&ims, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(first_or_second(), ims);
        fs::remove_dir(&ims).unwrap();
        symlink(second.path(), &ims).unwrap();
        assert_eq!(first_or_second(), second.path().join("ims"), "a link is not followed");
    }

    #[test]
    fn doctor_is_told_which_directories_of_this_users_own_are_passed_over_and_why() {
        let (first, second, third) = (Place::new(), Place::new(), Place::new());
        let problems = || {
            let candidates = vec![
                candidate(&first.path().join("missing"), "ims"),
                candidate(first.path(), "ims"),
                candidate(second.path(), "ims"),
                candidate(third.path(), "ims"),
            ];
            Directory::Default(candidates).passed_over()
        };
        assert!(problems().is_empty(), "the first is used");
        let ims = first.path().join("ims");
        fs::create_dir(&ims).unwrap();
        fs::set_permissions(&ims, fs::Permissions::from_mode(0o777)).unwrap();
        symlink("/", second.path().join("ims")).unwrap();
        let problems: Vec<String> = problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 2, "{problems:?}");
        let start = format!("{} cannot be used: other users can write to it; it is", ims.display());
        assert!(
            problems[0].starts_with(&start) && problems[0].contains("chmod 700"),
            "{problems:?}"
        );
        assert!(problems[1].contains("not a directory"), "{problems:?}");
    }

    #[test]
    fn root_with_the_variables_of_a_user_makes_nothing_in_the_users_directories() {
        if !geteuid().is_root() {
            println!("skipped: only root has another user's variables");
            return;
        }
        let (users, own) = (Place::new(), Place::new());
        chown(users.path(), Some(12345), None).unwrap();
        let candidates = vec![
            candidate(users.path(), "ims"),
            candidate(users.path(), ".cache/ims"),
            candidate(own.path(), "ims"),
        ];
        assert_eq!(chosen(candidates).unwrap(), own.path().join("ims"));
        assert_eq!(fs::read_dir(users.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_volume_that_all_may_write_to_is_used_by_a_directory_in_it() {
        let place = Place::new();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o2777)).unwrap();
        if geteuid().is_root() {
            chown(place.path(), Some(12345), None).unwrap();
        }
        let Ok(State::Flawed(flaw)) = state(place.path()) else { panic!() };
        let below = format!("file:{}/ims", place.path().display());
        assert!(flaw.hint.as_ref().unwrap().contains(&below), "{flaw:?}");
        let below = place.path().join("ims");
        assert!(matches!(state(&below), Ok(State::Missing)));
        fs::create_dir(&below).unwrap();
        fs::set_permissions(&below, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(matches!(state(&below), Ok(State::Usable)));
    }
}
