//! How a page calls: it asks for room, puts a request there, calls, reads the answer, and gives
//! its room back.

#![expect(
    unsafe_code,
    reason = "the host passes addresses; each is one that this module has given out"
)]

/// Room for a request.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn alloc(len: usize) -> *mut u8 {
    let room: Box<[u8]> = vec![0; len].into_boxed_slice();
    Box::into_raw(room).cast()
}

/// Answers the request in a room that [`alloc`] gave, and takes the room back: the address of
/// the answer in the upper half, its length in the lower.
///
/// # Safety
/// `ptr` and `len` are those of an [`alloc`] whose room was not given back yet.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn call(ptr: *mut u8, len: usize) -> u64 {
    // SAFETY: as the caller promises.
    let request = unsafe { room(ptr, len) };
    let answer = crate::answer(&request).into_boxed_slice();
    drop(request);
    let len = answer.len() as u64;
    (Box::into_raw(answer).cast::<u8>() as u64) << 32 | len
}

/// Gives an answer's room back.
///
/// # Safety
/// `ptr` and `len` are those that [`call`] gave.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn free(ptr: *mut u8, len: usize) {
    // SAFETY: as the caller promises.
    drop(unsafe { room(ptr, len) });
}

/// # Safety
/// As for [`call`] and [`free`].
unsafe fn room(ptr: *mut u8, len: usize) -> Box<[u8]> {
    // SAFETY: the room was a boxed slice of this length when its address was given out.
    unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(ptr, len)) }
}
