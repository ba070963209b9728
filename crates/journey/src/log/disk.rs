//! A log on disk: each bucket is a Parquet file. A file is never written to again; what has changed goes to a new one.
//!
//! Whoever keeps the list of the files (`Saved`) decides when those that it no longer names may go. A bucket that was closed
//! to save memory is read from its file for each fold, and goes on being so when the file's name is taken away.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use rayon::prelude::*;

use super::bucket::Bucket;
use super::columns::Columns;
use super::parquet::{self, BucketError};
use super::{BUCKETS, Log, TOUCHPOINTS};

/// What a log is in the files of a folder.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Saved {
    touchpoints: usize,
    buckets: Vec<SavedBucket>,
}

/// One bucket in a file.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct SavedBucket {
    name: String,
    /// The CRC-32 of the file: after a power cut it may be there and not be whole.
    checksum: u32,
    pub changes: u64,
    pub events: usize,
    pub customers: usize,
    /// Held open so that it can be read when it no longer has a name.
    #[serde(skip)]
    file: Option<Arc<Mutex<File>>>,
}

impl Saved {
    /// Gives the names of the files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.buckets.iter().map(|bucket| bucket.name.as_str())
    }
}

impl Log {
    /// Writes every bucket that has changed since it was saved to a new file in the folder. The log may be a copy: the one
    /// that was copied can take in more meanwhile.
    pub fn save(&self, folder: &Path) -> io::Result<Saved> {
        let buckets = self.buckets.par_iter().enumerate();
        let saved = buckets.map(|(number, bucket)| bucket.save(folder, number));
        Ok(Saved {
            touchpoints: self.touchpoints,
            buckets: saved.collect::<io::Result<_>>()?,
        })
    }

    /// Takes note of the files that it, or a copy of it, was saved in.
    pub fn note(&mut self, saved: &Saved) {
        let buckets = self.buckets.iter_mut().zip(&saved.buckets);
        buckets.for_each(|(bucket, saved)| bucket.note(saved));
    }

    /// Lets go of buckets that are in a file as they are, until the events take at most so many bytes of memory or there is
    /// no such bucket left. What was let go of is read for each fold.
    pub fn fit(&mut self, bytes: usize) {
        let mut over = self.size().saturating_sub(bytes);
        for bucket in &mut self.buckets {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(bucket.close());
        }
    }

    /// Makes a log of what was saved, in at most so many bytes of memory beside what is read at the time.
    pub fn open(folder: &Path, saved: &Saved, bytes: usize) -> Result<Log, BucketError> {
        if saved.buckets.len() != BUCKETS || saved.touchpoints > TOUCHPOINTS {
            return Err(BucketError::Buckets);
        }
        let mut log = Log::new(saved.touchpoints);
        let mut room = bytes;
        for (number, saved) in saved.buckets.iter().enumerate() {
            let mut bucket = saved.read(folder, (number, log.touchpoints))?;
            if bucket.size() > room {
                bucket.close();
            }
            room -= bucket.size();
            log.buckets[number] = bucket;
        }
        Ok(log)
    }
}

impl SavedBucket {
    /// Writes a bucket to a new file.
    pub fn write(columns: &Columns, folder: &Path, (number, changes): (usize, u64)) -> io::Result<SavedBucket> {
        let bytes = parquet::write(columns).map_err(io::Error::other)?;
        let name = format!("{number:02}-{changes}.parquet");
        // One of that name may be held by somebody, or be left from before a crash.
        let part = folder.join(format!("{name}.part"));
        fs::write(&part, &bytes)?;
        fs::rename(&part, folder.join(&name))?;
        Ok(SavedBucket {
            checksum: crc32fast::hash(&bytes),
            changes,
            events: columns.len(),
            customers: columns.customers().len(),
            file: Some(hold(&folder.join(&name))?),
            name,
        })
    }

    fn read(&self, folder: &Path, place: (usize, usize)) -> Result<Bucket, BucketError> {
        let file = hold(&folder.join(&self.name))?;
        let bytes = content(&file)?;
        if crc32fast::hash(&bytes) != self.checksum {
            return Err(BucketError::Checksum);
        }
        let columns = parquet::read(&bytes, Some(place))?;
        if (columns.len(), columns.customers().len()) != (self.events, self.customers) {
            return Err(BucketError::Checksum);
        }
        let held = SavedBucket {
            file: Some(file),
            ..self.clone()
        };
        Ok(Bucket::open(&held, columns))
    }

    /// Reads the events of a bucket that has been closed.
    pub fn columns(&self) -> Columns {
        let file = self.file.as_ref().expect("a closed bucket holds its file");
        let read = content(file).map_err(BucketError::from);
        let columns = read.and_then(|bytes| parquet::read(&bytes, None));
        // Nobody can go on without: the question, or the following, ends here and says why.
        columns.unwrap_or_else(|error| panic!("the journey log's file {} cannot be read: {error}", self.name))
    }
}

fn hold(path: &Path) -> io::Result<Arc<Mutex<File>>> {
    Ok(Arc::new(Mutex::new(File::open(path)?)))
}

fn content(file: &Mutex<File>) -> io::Result<Bytes> {
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Bytes::from(bytes))
}

#[cfg(test)]
mod tests;
