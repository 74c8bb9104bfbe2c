//! The scopes that were asked for next to those that were granted.

/// Returns the scopes of `asked` that `granted` does not have. Both are lists with blanks or commas
/// between. A scope that stands for others, such as Entra's `.../.default`, is not compared.
pub(super) fn missing<'a>(asked: &'a str, granted: &str) -> Vec<&'a str> {
    let granted: Vec<&str> = scopes(granted).collect();
    let is_missing = |scope: &&str| !granted.contains(scope) && !scope.ends_with("/.default");
    scopes(asked).filter(is_missing).collect()
}

fn scopes(list: &str) -> impl Iterator<Item = &str> {
    list.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|scope| !scope.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_missing_where_it_was_asked_for_and_not_granted() {
        assert_eq!(missing("read write", "write"), ["read"]);
        assert_eq!(missing("openid,AdobeID", "AdobeID openid more"), [""; 0]);
        assert_eq!(missing("read", ""), ["read"]);
        assert_eq!(missing("https://graph.example.com/.default", "User.Read"), [""; 0]);
    }
}
