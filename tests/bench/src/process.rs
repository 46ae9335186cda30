//! Programs that run beside this one.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Result;

/// A program that runs until it is dropped.
pub(crate) struct Process(Child);

/// Ticks of the kernel's clock in which it counts a process's time; 100 on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

impl Process {
    /// Starts a program.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn();
        Ok(Self(child.map_err(|error| format!("{}: {error}", command.get_program().display()))?))
    }

    /// The program itself.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Memory that it holds, in MiB.
    pub(crate) fn resident(&self) -> Result<f64> {
        self.memory("VmRSS:")
    }

    /// The most memory that it has held since [`Process::forget_peak`], in MiB.
    pub(crate) fn peak(&self) -> Result<f64> {
        self.memory("VmHWM:")
    }

    /// Lets the peak begin again from what it holds now.
    pub(crate) fn forget_peak(&self) -> Result<()> {
        // The number that `proc(5)` gives this.
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.0.id()), "5")?)
    }

    fn memory(&self, label: &str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(label));
        let kilobytes: f64 =
            line.unwrap_or_default().trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kilobytes / 1_024.0)
    }

    /// Time that it has spent on the processors, in seconds.
    pub(crate) fn processor_time(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        // What stands before may hold spaces: the name, in brackets.
        let (_, rest) = stat.rsplit_once(") ").ok_or("/proc has another form than expected")?;
        let mut words = rest.split(' ').skip(11);
        let mut ticks = || words.next().unwrap_or_default().parse::<f64>();
        Ok((ticks()? + ticks()?) / TICKS_PER_SECOND)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Runs a program to its end; what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = Path::new(command.get_program()).display().to_string();
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{name}: {e}"))?;
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Waits.
#[expect(clippy::disallowed_methods, reason = "this program serves nobody meanwhile")]
pub(crate) fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
