//! Masking: secret bytes are starred out before anything is shown.
//!
//! Finding secrets is the work of `redact`; this file covers them without changing their number.

/// A copy of `bytes[window]` in which the secret ranges (absolute offsets, sorted) are starred
/// out. Line feeds inside a secret stay, so that lines keep their numbers.
pub fn masked(bytes: &[u8], window: std::ops::Range<usize>, secrets: &[(u32, u32)]) -> Vec<u8> {
    let mut out = bytes[window.clone()].to_vec();
    for &(start, end) in secrets {
        let from = (start as usize).clamp(window.start, window.end) - window.start;
        let to = (end as usize).clamp(window.start, window.end) - window.start;
        for byte in &mut out[from..to] {
            if *byte != b'\n' {
                *byte = b'*';
            }
        }
    }
    out
}
