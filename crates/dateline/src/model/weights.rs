//! The file that holds a model's numbers: safetensors layout, int8 matrices with one scale a row, the rest in f32.

use crate::{Error, Result};
use serde::Deserialize;
use std::collections::HashMap;

/// A file of named tensors: `u64` header length (little-endian), JSON header, data (the safetensors layout).
///
/// A matrix `X` of shape `[out, in]` is stored as `X.q` (I8) and `X.s` (F32, one scale a row, `value = q * s`);
/// everything else is F32. int8 data stay where they are, in the bytes of the program.
pub struct Weights {
    name: String,
    entries: HashMap<String, Entry>,
    data: &'static [u8],
}

/// One tensor's line in the header.
#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

/// An int8 matrix as the file has it.
#[derive(Clone)]
pub struct Matrix {
    /// Rows (outputs).
    pub rows: usize,
    /// Columns (inputs).
    pub columns: usize,
    /// `rows * columns` values, each byte an `i8`, row after row.
    pub values: &'static [u8],
    /// One scale a row.
    pub scales: Vec<f32>,
}

impl Weights {
    /// Reads the header of `bytes`; `name` is what messages call the file.
    ///
    /// # Errors
    /// [`Error::Data`] when the header is cut off, is not JSON of this layout, or points outside the file.
    pub fn new(name: &str, bytes: &'static [u8]) -> Result<Self> {
        let damaged = |message: String| Error::Data { name: name.to_owned(), message };
        let length: [u8; 8] = bytes
            .get(..8)
            .and_then(|b| b.try_into().ok())
            .ok_or_else(|| damaged(format!("{} bytes found, a header length of 8 bytes expected", bytes.len())))?;
        let end = usize::try_from(u64::from_le_bytes(length)).ok().and_then(|n| n.checked_add(8));
        let (header, data) = end.and_then(|end| Some((bytes.get(8..end)?, bytes.get(end..)?))).ok_or_else(|| {
            damaged(format!("the header is longer than the file ({} bytes); fetch it again", bytes.len()))
        })?;
        let mut raw: HashMap<String, serde_json::Value> = serde_json::from_slice(header)
            .map_err(|e| damaged(format!("the header is not a JSON object of tensors ({e}); fetch the file again")))?;
        raw.remove("__metadata__");
        let mut entries = HashMap::with_capacity(raw.len());
        for (key, value) in raw {
            let entry: Entry = serde_json::from_value(value)
                .map_err(|e| damaged(format!("tensor {key}: unreadable header entry ({e})")))?;
            let size = match entry.dtype.as_str() {
                "I8" => 1,
                "F32" => 4,
                other => return Err(damaged(format!("tensor {key}: type {other} found, I8 or F32 expected"))),
            };
            let wanted = entry.shape.iter().try_fold(size, |n: usize, &d| n.checked_mul(d));
            let [from, to] = entry.data_offsets;
            if from > to || to > data.len() || wanted != Some(to - from) {
                return Err(damaged(format!(
                    "tensor {key}: bytes {from}..{to} do not fit shape {:?} of {} in {} bytes of data",
                    entry.shape,
                    entry.dtype,
                    data.len()
                )));
            }
            entries.insert(key, entry);
        }
        Ok(Self { name: name.to_owned(), entries, data })
    }

    /// Whether the file has a tensor of that name (`"sent.q"`, `"pos"`).
    pub fn has(&self, tensor: &str) -> bool {
        self.entries.contains_key(tensor)
    }

    /// The F32 tensor `tensor`: its shape and values.
    ///
    /// # Errors
    /// [`Error::Data`] when there is no such tensor or it is not F32.
    pub fn floats(&self, tensor: &str) -> Result<(Vec<usize>, Vec<f32>)> {
        let (entry, bytes) = self.tensor(tensor, "F32")?;
        let values = bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect::<Vec<_>>();
        match values.iter().position(|v| !v.is_finite()) {
            Some(at) => Err(self.damaged(format!("tensor {tensor}: value {at} is not a finite number"))),
            None => Ok((entry.shape.clone(), values)),
        }
    }

    /// The F32 vector `tensor` of `length` values.
    ///
    /// # Errors
    /// [`Error::Data`] when there is no such tensor, it is not F32 or has another length.
    pub fn vector(&self, tensor: &str, length: usize) -> Result<Vec<f32>> {
        let (shape, values) = self.floats(tensor)?;
        if values.len() == length {
            Ok(values)
        } else {
            Err(self.damaged(format!("tensor {tensor}: shape {shape:?} found, {length} values expected")))
        }
    }

    /// The int8 matrix `tensor` (`tensor.q` with `tensor.s`); leading dimensions are flattened to rows.
    ///
    /// # Errors
    /// [`Error::Data`] when one of the two is missing, of the wrong type, or their rows differ.
    pub fn matrix(&self, tensor: &str) -> Result<Matrix> {
        let key = format!("{tensor}.q");
        let (entry, values) = self.tensor(&key, "I8")?;
        let columns = entry.shape.last().copied().unwrap_or(0);
        if columns == 0 || values.is_empty() {
            return Err(self.damaged(format!("tensor {key}: shape {:?} found, a matrix expected", entry.shape)));
        }
        let rows = values.len() / columns;
        Ok(Matrix { rows, columns, values, scales: self.vector(&format!("{tensor}.s"), rows)? })
    }

    /// An error about this file.
    pub fn damaged(&self, message: String) -> Error {
        Error::Data { name: self.name.clone(), message }
    }

    fn tensor(&self, tensor: &str, dtype: &str) -> Result<(&Entry, &'static [u8])> {
        let entry = self.entries.get(tensor).ok_or_else(|| {
            self.damaged(format!("tensor {tensor} not found among {}; model and program differ", self.entries.len()))
        })?;
        if entry.dtype != dtype {
            return Err(self.damaged(format!("tensor {tensor}: type {} found, {dtype} expected", entry.dtype)));
        }
        let [from, to] = entry.data_offsets;
        Ok((entry, self.data.get(from..to).unwrap_or_default()))
    }
}

impl Matrix {
    /// Row `row` as numbers, added onto `out`; rows past the end add nothing.
    pub fn add_row(&self, row: usize, out: &mut [f32]) {
        let Some(values) = self.values.get(row * self.columns..(row + 1) * self.columns) else { return };
        let scale = self.scales[row];
        for (o, &v) in out.iter_mut().zip(values) {
            *o += f32::from(v as i8) * scale;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Builds files of the layout, for tests that need a model.
    #[derive(Default)]
    pub(crate) struct Writer {
        header: serde_json::Map<String, serde_json::Value>,
        data: Vec<u8>,
    }

    impl Writer {
        fn put(&mut self, name: &str, dtype: &str, shape: &[usize], bytes: &[u8]) {
            let from = self.data.len();
            self.data.extend_from_slice(bytes);
            self.header.insert(
                name.to_owned(),
                serde_json::json!({"dtype": dtype, "shape": shape, "data_offsets": [from, self.data.len()]}),
            );
        }

        pub(crate) fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
            let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            self.put(name, "F32", shape, &bytes);
        }

        pub(crate) fn matrix(&mut self, name: &str, shape: &[usize], values: &[i8], scales: &[f32]) {
            let bytes: Vec<u8> = values.iter().map(|&v| v as u8).collect();
            self.put(&format!("{name}.q"), "I8", shape, &bytes);
            self.floats(&format!("{name}.s"), &[scales.len()], scales);
        }

        pub(crate) fn bytes(&self) -> &'static [u8] {
            let header = serde_json::to_vec(&self.header).expect("a JSON map");
            let mut out = (header.len() as u64).to_le_bytes().to_vec();
            out.extend(header);
            out.extend(&self.data);
            Vec::leak(out)
        }
    }

    #[test]
    fn tensors_come_back_as_written() {
        let mut writer = Writer::default();
        writer.matrix("a", &[2, 3], &[1, -2, 3, -4, 5, 127], &[0.5, 2.0]);
        writer.floats("a.b", &[2], &[1.0, -1.0]);
        let weights = Weights::new("m", writer.bytes()).unwrap();
        let matrix = weights.matrix("a").unwrap();
        assert_eq!((matrix.rows, matrix.columns), (2, 3));
        let mut row = [1.0; 3];
        matrix.add_row(1, &mut row);
        assert_eq!(row, [-7.0, 11.0, 255.0]);
        assert_eq!(weights.vector("a.b", 2).unwrap(), [1.0, -1.0]);
        assert!(weights.vector("a.b", 3).is_err() && weights.matrix("b").is_err() && weights.floats("a.q").is_err());
    }

    #[test]
    fn damaged_files_are_errors_not_panics() {
        let mut writer = Writer::default();
        writer.floats("x", &[2], &[1.0, 2.0]);
        let good = writer.bytes();
        for cut in 0..good.len() {
            assert!(Weights::new("m", &good[..cut]).is_err(), "{cut} of {} bytes were accepted", good.len());
        }
        for at in 0..good.len() {
            let mut bad = good.to_vec();
            bad[at] ^= 0x55;
            if let Ok(weights) = Weights::new("m", Vec::leak(bad)) {
                let _ = weights.floats("x");
            }
        }
        let message = Weights::new("model.bin", &good[..4]).err().unwrap().to_string();
        assert_eq!(message, "model.bin: 4 bytes found, a header length of 8 bytes expected");
    }
}
