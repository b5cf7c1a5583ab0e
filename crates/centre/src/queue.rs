//! What waits for the writer or a reader: hospitals in turn, bounded per hospital and in all. What is not taken in is
//! looked at once more before it is told so: it may be a copy of what is known or waits.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Condvar, Mutex};

use model::HospitalId;
use store::MessageKey;
use wire::Problem;

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
    /// Under which it is known once it is decided.
    fn key(&self) -> Option<MessageKey>;
}

/// Why a job was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    Busy,
    Stopping,
}

impl Full {
    pub(crate) fn problem(self) -> Problem {
        match self {
            Self::Busy => Problem::Busy,
            Self::Stopping => Problem::Stopping,
        }
    }
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
    /// Not taken in, and not told so yet.
    away: VecDeque<J>,
    stopping: bool,
    /// Nothing more is given out.
    ended: bool,
}

impl<J: Waiting> Queue<J> {
    /// One of so many that share what may wait in a process.
    pub(crate) fn new(bounded: bool, queues: usize) -> Self {
        let state = State {
            waiting: HashMap::new(),
            turn: VecDeque::new(),
            count: 0,
            away: VecDeque::new(),
            stopping: false,
            ended: false,
        };
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

    /// Takes in a job only to be told that it was not, or gives it back: then nobody can tell what is known of it.
    pub(crate) fn turn_away(&self, job: J) -> Result<(), J> {
        let mut state = self.lock();
        if state.ended || state.away.len() >= TOTAL_MAX {
            return Err(job);
        }
        state.away.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for work and takes a batch of whatever is there, `most` at the most, with what is to be turned away; none
    /// when stopped and empty.
    pub(crate) fn take(&self, most: usize) -> Option<Vec<J>> {
        let mut state = self.lock();
        while state.count == 0 && state.away.is_empty() {
            if state.stopping {
                state.ended = true;
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        let mut jobs = state.batch(most.min(BATCH_MESSAGES));
        jobs.extend(state.away());
        Some(jobs)
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

    /// What is to be turned away now: not what a copy of still waits, for that one may yet be decided.
    fn away(&mut self) -> Vec<J> {
        if self.away.is_empty() {
            return Vec::new();
        }
        // A copy is of the same hospital.
        let hospitals: HashSet<HospitalId> = self.away.iter().map(Waiting::hospital).collect();
        let lines = hospitals.iter().filter_map(|hospital| self.waiting.get(hospital));
        let waiting: HashSet<MessageKey> = lines.flatten().filter_map(Waiting::key).collect();
        let copied = |job: &J| job.key().is_some_and(|key| waiting.contains(&key));
        let (later, now) = std::mem::take(&mut self.away).into_iter().partition(copied);
        self.away = later;
        now.into()
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
        fn key(&self) -> Option<MessageKey> {
            let hospital = HospitalId(self.0);
            let (infno, msgid) = ("2207".into(), format!("{}-{}", self.1, self.2));
            Some(MessageKey { hospital, infno, msgid, content: Vec::new() })
        }
    }

    #[test]
    fn what_is_turned_away_waits_for_its_copy() {
        let queue = Queue::new(true, 1);
        for n in 0..HOSPITAL_MAX {
            queue.put(Job(1, n, 0)).unwrap();
        }
        let (copy, full) = queue.put(Job(1, HOSPITAL_MAX - 1, 0)).unwrap_err();
        assert_eq!(full, Full::Busy);
        queue.turn_away(copy).unwrap();
        queue.turn_away(Job(1, 99, 0)).unwrap();
        let first = queue.take(10).unwrap();
        assert_eq!(first.len(), 11);
        assert_eq!(first[10], Job(1, 99, 0), "no copy of it waits");
        assert_eq!(
            queue.take(BATCH_MESSAGES).unwrap().len(),
            HOSPITAL_MAX - 10 + 1,
            "its copy is given out with it"
        );
        queue.stop();
        queue.turn_away(Job(1, 1, 1)).unwrap();
        assert_eq!(queue.take(1).map(|jobs| jobs.len()), Some(1));
        assert_eq!(queue.take(1), None);
        assert_eq!(queue.turn_away(Job(1, 1, 1)), Err(Job(1, 1, 1)), "nobody is there to look it up");
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
