//! stub
pub fn fields(_l: &[u8]) -> Option<std::vec::IntoIter<(&[u8], &[u8])>> {
    None
}
pub fn unescape(_t: &[u8], _o: &mut Vec<u8>) {}
