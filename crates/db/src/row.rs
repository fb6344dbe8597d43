//! Values in and out: what binds to a statement and how a column is read back.

use kernel::id::Id;
use kernel::{BusinessDay, Fen, Instant};
use sea_orm::{QueryResult, TryGetable, Value};

use crate::DbError;

/// A type that can be bound.
pub trait Param {
    /// The bound value.
    fn param(self) -> Value;
}

macro_rules! param {
    ($($type:ty => |$v:ident| $value:expr),+ $(,)?) => {$(
        impl Param for $type {
            fn param(self) -> Value {
                let $v = self;
                $value
            }
        }
        impl Param for Option<$type> {
            fn param(self) -> Value {
                match self {
                    Some($v) => $value,
                    None => <$type as NullParam>::null(),
                }
            }
        }
    )+};
}

/// The typed NULL of a parameter type: PostgreSQL wants to know the type even of nothing.
trait NullParam {
    fn null() -> Value;
}
macro_rules! nulls {
    ($null:expr => $($type:ty),+) => {$( impl NullParam for $type { fn null() -> Value { $null } } )+};
}
nulls!(Value::BigInt(None) => i64, Fen, Instant, BusinessDay);
nulls!(Value::String(None) => &str, String, &String);
nulls!(Value::Bytes(None) => Vec<u8>, &[u8], [u8; 16], [u8; 32]);

param! {
    i64 => |v| Value::BigInt(Some(v)),
    Fen => |v| Value::BigInt(Some(v.get())),
    Instant => |v| Value::BigInt(Some(v.micros())),
    BusinessDay => |v| Value::BigInt(Some(v.to_number())),
    String => |v| Value::String(Some(v)),
    &str => |v| Value::String(Some(v.to_owned())),
    &String => |v| Value::String(Some(v.clone())),
    Vec<u8> => |v| Value::Bytes(Some(v)),
    &[u8] => |v| Value::Bytes(Some(v.to_vec())),
    [u8; 16] => |v| Value::Bytes(Some(v.to_vec())),
    [u8; 32] => |v| Value::Bytes(Some(v.to_vec())),
}

/// Identifiers bind as their 16 bytes; wrapped because of Rust's rule against overlapping implementations.
impl<I: Id> Param for (I,) {
    fn param(self) -> Value {
        Value::Bytes(Some(self.0.bytes().to_vec()))
    }
}
impl<I: Id> Param for Option<(I,)> {
    fn param(self) -> Value {
        Value::Bytes(self.map(|(id,)| id.bytes().to_vec()))
    }
}
impl Param for bool {
    fn param(self) -> Value {
        Value::BigInt(Some(i64::from(self)))
    }
}
impl Param for Value {
    fn param(self) -> Value {
        self
    }
}

/// One row of an answer.
#[derive(Debug)]
pub struct Row(pub(crate) QueryResult);

impl Row {
    fn get<T: TryGetable>(&self, column: &str) -> Result<T, DbError> {
        self.0.try_get("", column).map_err(|e| unreadable(column, e))
    }
    /// A whole number.
    ///
    /// # Errors
    /// [`DbError::Row`], as for all readers of this type.
    pub fn int(&self, column: &str) -> Result<i64, DbError> {
        self.get(column)
    }
    /// A whole number or nothing.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, DbError> {
        self.get(column)
    }
    /// A flag kept as 0 or 1.
    pub fn flag(&self, column: &str) -> Result<bool, DbError> {
        Ok(self.int(column)? != 0)
    }
    /// A text.
    pub fn text(&self, column: &str) -> Result<String, DbError> {
        self.get(column)
    }
    /// A text or nothing.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, DbError> {
        self.get(column)
    }
    /// Bytes.
    pub fn bytes(&self, column: &str) -> Result<Vec<u8>, DbError> {
        self.get(column)
    }
    /// Bytes or nothing.
    pub fn opt_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, DbError> {
        self.get(column)
    }
    /// An amount.
    pub fn fen(&self, column: &str) -> Result<Fen, DbError> {
        self.int(column).map(Fen::new)
    }
    /// An amount or nothing.
    pub fn opt_fen(&self, column: &str) -> Result<Option<Fen>, DbError> {
        Ok(self.opt_int(column)?.map(Fen::new))
    }
    /// A moment.
    pub fn instant(&self, column: &str) -> Result<Instant, DbError> {
        self.int(column).map(Instant::from_micros)
    }
    /// A moment or nothing.
    pub fn opt_instant(&self, column: &str) -> Result<Option<Instant>, DbError> {
        Ok(self.opt_int(column)?.map(Instant::from_micros))
    }
    /// A business day kept as `YYYYMMDD`.
    pub fn day(&self, column: &str) -> Result<BusinessDay, DbError> {
        BusinessDay::from_number(self.int(column)?).map_err(|e| unreadable(column, e))
    }
    /// A business day or nothing.
    pub fn opt_day(&self, column: &str) -> Result<Option<BusinessDay>, DbError> {
        self.opt_int(column)?
            .map(|n| BusinessDay::from_number(n).map_err(|e| unreadable(column, e)))
            .transpose()
    }
    /// An identifier.
    pub fn id<I: Id>(&self, column: &str) -> Result<I, DbError> {
        as_id(column, &self.bytes(column)?)
    }
    /// An identifier or nothing.
    pub fn opt_id<I: Id>(&self, column: &str) -> Result<Option<I>, DbError> {
        self.opt_bytes(column)?.map(|b| as_id(column, &b)).transpose()
    }
    /// A word that a type understands (an enum kept as text).
    pub fn word<T: std::str::FromStr>(&self, column: &str) -> Result<T, DbError> {
        let text = self.text(column)?;
        text.parse()
            .map_err(|_| unreadable(column, format!("unknown word “{text}”")))
    }
    /// The same, where there may be none.
    ///
    /// # Errors
    /// [`DbError::Row`].
    pub fn opt_word<T: std::str::FromStr>(&self, column: &str) -> Result<Option<T>, DbError> {
        match self.opt_text(column)? {
            Some(_) => self.word(column).map(Some),
            None => Ok(None),
        }
    }
}

fn unreadable(column: &str, why: impl ToString) -> DbError {
    DbError::Row {
        column: column.to_owned(),
        why: why.to_string(),
    }
}

fn as_id<I: Id>(column: &str, bytes: &[u8]) -> Result<I, DbError> {
    let bytes: [u8; 16] = bytes
        .try_into()
        .map_err(|_| unreadable(column, format!("{} bytes are no id", bytes.len())))?;
    Ok(I::from_bytes(bytes))
}
