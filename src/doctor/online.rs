pub(super) fn examine(
    _: &crate::http::Transport,
    _: &crate::credentials::Credentials,
    _: Option<crate::cache::Entry>,
    _: &mut dyn FnMut(super::Check),
) {
}
