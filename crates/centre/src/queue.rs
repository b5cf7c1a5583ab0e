//! What waits for the writer or a reader: hospitals in turn, bounded per hospital and in all.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex};

use model::HospitalId;

/// Most messages waiting in a process.
const TOTAL_MAX: usize = 2_048;
/// Most messages of one hospital waiting for one writer.
const HOSPITAL_MAX: usize = 64;
/// A batch closes at so many messages …
pub(crate) const BATCH_MESSAGES: usize = 256;
/// … fee lines …
const BATCH_ROWS: usize = 4_000;
/// … or bytes of input.
const BATCH_BYTES: usize = 4 << 20;

/// What the queue must know of a job.
pub(crate) trait Waiting {
    fn hospital(&self) -> HospitalId;
    fn rows(&self) -> usize;
    fn bytes(&self) -> usize;
}

/// Why a job was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    Busy,
    Stopping,
}

/// The queue.
pub(crate) struct Queue<J> {
    state: Mutex<State<J>>,
    changed: Condvar,
    /// Most that wait, in all and of one hospital; benchmarks of the engine alone have no bounds.
    most: Option<(usize, usize)>,
}

struct State<J> {
    waiting: HashMap<HospitalId, VecDeque<J>>,
    /// Hospitals that have something waiting, in turn.
    turn: VecDeque<HospitalId>,
    count: usize,
    stopping: bool,
}

impl<J: Waiting> Queue<J> {
    /// One of so many that share what may wait in a process.
    pub(crate) fn new(bounded: bool, queues: usize) -> Self {
        let state = State { waiting: HashMap::new(), turn: VecDeque::new(), count: 0, stopping: false };
        let most = bounded.then_some((TOTAL_MAX.div_ceil(queues), HOSPITAL_MAX));
        Self { state: Mutex::new(state), changed: Condvar::new(), most }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Adds a job, or gives it back.
    pub(crate) fn put(&self, job: J) -> Result<(), (J, Full)> {
        let mut guard = self.lock();
        let state = &mut *guard;
        if state.stopping {
            return Err((job, Full::Stopping));
        }
        let hospital = job.hospital();
        let line = state.waiting.entry(hospital).or_default();
        if self.most.is_some_and(|(all, of_one)| state.count >= all || line.len() >= of_one) {
            return Err((job, Full::Busy));
        }
        if line.is_empty() {
            state.turn.push_back(hospital);
        }
        line.push_back(job);
        state.count += 1;
        drop(guard);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for work and takes a batch of whatever is there, `most` at the most; none when stopped and empty.
    pub(crate) fn take(&self, most: usize) -> Option<Vec<J>> {
        let mut state = self.lock();
        while state.count == 0 {
            if state.stopping {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        Some(state.batch(most.min(BATCH_MESSAGES)))
    }

    /// No more jobs are taken in; those waiting are still given out.
    pub(crate) fn stop(&self) {
        self.lock().stopping = true;
        self.changed.notify_all();
    }
}

impl<J: Waiting> State<J> {
    /// One job of each hospital in turn, until a bound is met. A job over the bounds goes alone.
    fn batch(&mut self, most: usize) -> Vec<J> {
        let (mut jobs, mut rows, mut bytes) = (Vec::new(), 0, 0);
        while let Some(hospital) = self.turn.pop_front() {
            let line = self.waiting.get_mut(&hospital).expect("a hospital in turn has a line");
            let next = line.front().expect("a line in turn is not empty");
            let fits =
                jobs.len() < most && rows + next.rows() <= BATCH_ROWS && bytes + next.bytes() <= BATCH_BYTES;
            if !fits && !jobs.is_empty() {
                self.turn.push_front(hospital);
                break;
            }
            let job = line.pop_front().expect("just seen");
            if !line.is_empty() {
                self.turn.push_back(hospital);
            }
            rows += job.rows();
            bytes += job.bytes();
            self.count -= 1;
            jobs.push(job);
        }
        jobs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Job(i64, usize, usize);

    impl Waiting for Job {
        fn hospital(&self) -> HospitalId {
            HospitalId(self.0)
        }
        fn rows(&self) -> usize {
            self.1
        }
        fn bytes(&self) -> usize {
            self.2
        }
    }

    #[test]
    fn hospitals_take_turns_and_batches_are_bounded() {
        let queue = Queue::new(true, 1);
        for n in 0..HOSPITAL_MAX {
            assert_eq!(queue.put(Job(1, n, 0)), Ok(()));
        }
        assert_eq!(queue.put(Job(1, 99, 0)).unwrap_err().1, Full::Busy);
        queue.put(Job(2, 0, 0)).unwrap();
        let batch = queue.take(BATCH_MESSAGES).unwrap();
        assert_eq!(
            (batch[0].0, batch[1].0, batch[2].0),
            (1, 2, 1),
            "a busy hospital does not starve a quiet one"
        );
        assert_eq!(batch.len(), HOSPITAL_MAX + 1);

        queue.put(Job(1, BATCH_ROWS + 1, 0)).unwrap();
        queue.put(Job(2, 1, BATCH_BYTES)).unwrap();
        queue.put(Job(3, 1, 1)).unwrap();
        let sizes = [(); 3].map(|()| queue.take(BATCH_MESSAGES).unwrap().len());
        assert_eq!(sizes, [1, 1, 1], "what exceeds the bounds goes alone");

        queue.put(Job(1, 1, 1)).unwrap();
        queue.stop();
        assert_eq!(queue.put(Job(1, 1, 1)).unwrap_err().1, Full::Stopping);
        assert_eq!(queue.take(BATCH_MESSAGES).map(|jobs| jobs.len()), Some(1));
        assert_eq!(queue.take(BATCH_MESSAGES), None);
    }
}
