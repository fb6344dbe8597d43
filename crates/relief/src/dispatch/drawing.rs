//! A signature that was drawn with a finger: strokes of points and nothing else. Pure.

use crate::error::{ReliefError, invalid};

/// How wide the field is in which points lie.
const WIDTH: u16 = 600;
/// How high it is.
const HEIGHT: u16 = 240;
/// Bytes of a drawing: 300 points. A phone leaves out what a line shows anyway until it fits; a record of a phone with its
/// name, its note and this stays within [`crate::devices::rules::RECORD_BYTES_MAX`].
pub const DRAWN_BYTES_MAX: usize = 2_400;
/// What a signature reaches at least, across or down: less is a finger that slipped.
const SPAN_MIN: u16 = 12;
/// Digits of a coordinate.
const DIGITS_MAX: usize = 3;

/// A drawn signature, read once and trusted then: `x,y x,y;x,y`, strokes parted by `;`, points by one space, whole numbers
/// in one form only. As personal as the name: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Drawing(String);

impl Drawing {
    /// Reads what was drawn; nothing where nothing was.
    ///
    /// # Errors
    /// [`ReliefError::Invalid`] for anything but strokes of a signature.
    pub fn of(text: &str) -> Result<Option<Self>, ReliefError> {
        if text.is_empty() {
            return Ok(None);
        }
        let refused = invalid("drawn", "the strokes of a signature are expected");
        if text.len() > DRAWN_BYTES_MAX {
            return Err(refused);
        }
        let strokes: Option<Vec<Vec<(u16, u16)>>> = text.split(';').map(stroke).collect();
        let points = strokes.unwrap_or_default().concat();
        let across = spread(points.iter().map(|(x, _)| *x));
        let down = spread(points.iter().map(|(_, y)| *y));
        if across.max(down) < SPAN_MIN {
            return Err(refused);
        }
        Ok(Some(Self(text.to_owned())))
    }

    /// The strokes as a picture.
    pub fn to_svg(&self) -> String {
        const PEN: &str =
            r##"fill="none" stroke="#1D2733" stroke-width="5" stroke-linecap="round" stroke-linejoin="round""##;
        let line = |points: &str| format!(r#"<polyline points="{points}"/>"#);
        let lines: Vec<String> = self.0.split(';').map(line).collect();
        let field = format!(r#"xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}""#);
        format!("<svg {field} {PEN}>{}</svg>", lines.concat())
    }

    /// The strokes as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn stroke(text: &str) -> Option<Vec<(u16, u16)>> {
    text.split(' ').map(point).collect()
}

fn point(text: &str) -> Option<(u16, u16)> {
    let (x, y) = text.split_once(',')?;
    Some((whole(x, WIDTH)?, whole(y, HEIGHT)?))
}

/// A whole number in its one form: digits, none before it that says nothing.
fn whole(text: &str, most: u16) -> Option<u16> {
    let is_plain = text.len() <= DIGITS_MAX
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    let number: u16 = text.parse().ok()?;
    (is_plain && number <= most).then_some(number)
}

/// From the least to the greatest of these; 0 of none.
fn spread(values: impl Iterator<Item = u16> + Clone) -> u16 {
    let least = values.clone().min().unwrap_or(0);
    values.max().unwrap_or(0).saturating_sub(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_are_read_and_given_back_as_they_were_drawn() {
        for text in ["0,0 600,240", "10,10 40,12 60,80;100,20 100,20;300,0", "7,7;7,30"] {
            let drawn = Drawing::of(text).expect("a signature").expect("drawn");
            assert_eq!(drawn.as_str(), text);
            assert_eq!(drawn.to_svg().matches("<polyline").count(), text.split(';').count());
        }
        assert!(Drawing::of("").expect("nothing").is_none());
    }

    #[test]
    fn what_is_no_drawing_in_its_one_form_is_refused() {
        let long = ["10,10 200,200"; 200].join(";");
        let wrong = [
            "5,5",
            "5,5 6,6;7,5",
            "0,0 601,240",
            "0,0 600,241",
            "-1,0 600,240",
            "+1,0 600,240",
            "01,0 600,240",
            "1.5,0 600,240",
            "0,0  600,240",
            " 0,0 600,240",
            "0,0 600,240;",
            ";",
            "0,0,0 600,240",
            "0,0 ６00,240",
            "0,0\n600,240",
            "M0 0 L600 240",
            "<svg onload=alert(1)>",
            "王小明",
            long.as_str(),
        ];
        for text in wrong {
            assert!(Drawing::of(text).is_err(), "{text}");
        }
    }
}
