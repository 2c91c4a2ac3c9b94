//! The system calls that std has no safe form for; all `unsafe` of the project is here.

#![expect(
    unsafe_code,
    reason = "death signal, signals to a pid, uids, passwd look-ups, free space"
)]

use std::{
    ffi::CString,
    io,
    mem::MaybeUninit,
    os::unix::{ffi::OsStrExt, process::CommandExt},
    path::Path,
    process::{Command, id},
    ptr,
};

/// The effective user id of this process.
pub fn effective_uid() -> u32 {
    // SAFETY: has no preconditions and cannot fail.
    unsafe { libc::geteuid() }
}

/// The effective group id of this process.
pub fn effective_gid() -> u32 {
    // SAFETY: has no preconditions and cannot fail.
    unsafe { libc::getegid() }
}

/// Bytes that a program may still write where a directory is.
pub fn free_space(dir: &Path) -> Option<u64> {
    let dir = CString::new(dir.as_os_str().as_bytes()).ok()?;
    let mut stat = MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: both pointers are valid for the call; the path ends with a zero byte.
    let code = unsafe { libc::statvfs(dir.as_ptr(), stat.as_mut_ptr()) };
    if code != 0 {
        return None;
    }
    // SAFETY: the call succeeded, so it has filled the struct.
    let stat = unsafe { stat.assume_init() };
    stat.f_bavail.checked_mul(stat.f_frsize)
}

/// Uid and gid of a named user, if the system knows it.
pub fn user(name: &str) -> Option<(u32, u32)> {
    let name = CString::new(name).ok()?;
    let mut entry = MaybeUninit::<libc::passwd>::uninit();
    let mut found = ptr::null_mut();
    let mut buffer = vec![0; 16 * 1024];
    // SAFETY: every pointer is valid for the call, and the buffer's true length is passed.
    let code = unsafe {
        libc::getpwnam_r(
            name.as_ptr(),
            entry.as_mut_ptr(),
            buffer.as_mut_ptr(),
            buffer.len(),
            &raw mut found,
        )
    };
    if code != 0 || found.is_null() {
        return None;
    }
    // SAFETY: getpwnam_r said it filled `entry` (found is not null); only integers are read.
    let entry = unsafe { entry.assume_init() };
    Some((entry.pw_uid, entry.pw_gid))
}

/// Has the kernel send `signal` to the child when the thread that spawns it ends.
///
/// It is the *thread* that counts, not the process (see [`crate::keeper`]). It is set after std
/// changed the uid, which would clear it.
pub fn die_with_parent(command: &mut Command, signal: i32) {
    let parent = id();
    // SAFETY: between fork and exec only async-signal-safe calls are made (prctl, getppid).
    unsafe {
        command.pre_exec(move || {
            if libc::prctl(libc::PR_SET_PDEATHSIG, signal) != 0 {
                return Err(io::Error::last_os_error());
            }
            // The parent may have died before prctl: then no signal would ever come.
            if u32::try_from(libc::getppid()) != Ok(parent) {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
            Ok(())
        });
    }
}

/// Sends a signal to one process. `Ok(false)`: there is no such process.
pub fn signal(pid: u32, signal: i32) -> io::Result<bool> {
    let Ok(pid) = i32::try_from(pid) else { return Ok(false) };
    if pid <= 1 {
        return Ok(false); // 0 and negatives mean groups, 1 is init: never ours
    }
    // SAFETY: kill touches no memory; the pid is positive, so exactly one process is meant.
    if unsafe { libc::kill(pid, signal) } == 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    if error.raw_os_error() == Some(libc::ESRCH) { Ok(false) } else { Err(error) }
}

/// Waits till a child has ended, without reaping it: its pid stays taken until `Child::wait`.
pub fn wait_without_reaping(pid: u32) -> io::Result<()> {
    loop {
        let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
        // SAFETY: `info` is valid for writing; the flags leave the child waitable.
        let code = unsafe {
            libc::waitid(libc::P_PID, pid, info.as_mut_ptr(), libc::WEXITED | libc::WNOWAIT)
        };
        if code == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
