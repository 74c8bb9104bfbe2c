//! PHP with the extension, as `make php-install` sets it up.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use support::processes::{make, output};
use support::root;

/// The folder of settings (`PHP_INI_SCAN_DIR`) with which PHP has the extension, built once for all
/// pages. It replaces the machine's own, which may enable an installed one.
pub static INI_SCAN_DIR: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("manual-php");
    let _ = fs::remove_dir_all(&folder);
    let mut make = make("php-in-tree");
    make.args(["PROFILE=dev", &format!("PHP_TREE={}", folder.display())]);
    output(&mut make, "");
    settings(&folder)
});

/// Writes settings that enable the extension and find `ims/generate_jwt.php`; returns their folder.
fn settings(folder: &Path) -> PathBuf {
    let (settings, share) = (folder.join("conf.d"), folder.join("share"));
    fs::create_dir_all(&settings).unwrap();
    fs::create_dir_all(share.join("ims")).unwrap();
    let function = root().join("bindings/php/generate_jwt.php");
    symlink(function, share.join("ims/generate_jwt.php")).unwrap();
    let module = folder.join("build/modules/ims.so");
    let ini = format!("extension={}\ninclude_path=\".:{}\"\n", module.display(), share.display());
    fs::write(settings.join("ims.ini"), ini).unwrap();
    settings
}
