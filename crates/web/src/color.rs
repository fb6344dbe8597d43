//! A society's own colours: five tokens it may override, checked so that text on them stays readable.

use serde::Serialize;

/// An opaque colour, `#RRGGBB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color([u8; 3]);

/// Why a text is not a colour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a colour: #RRGGBB is expected")]
pub struct ColorError(pub String);

/// The tokens a society overrides; what is absent keeps the house's own colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Brand {
    /// Primary action, progress, links.
    pub brand: Option<Color>,
    /// Selected, progress track.
    pub brand_soft: Option<Color>,
    /// Text.
    pub ink: Option<Color>,
    /// Page.
    pub paper: Option<Color>,
    /// Charts' first series, focus, secondary action.
    pub accent: Option<Color>,
}

impl Color {
    /// Reads `#RRGGBB`.
    ///
    /// # Errors
    /// [`ColorError`] with the text.
    pub fn parse(text: &str) -> Result<Self, ColorError> {
        let wrong = || ColorError(text.to_owned());
        let digits = text.strip_prefix('#').ok_or_else(wrong)?;
        let bytes = data_encoding::HEXLOWER_PERMISSIVE
            .decode(digits.as_bytes())
            .map_err(|_| wrong())?;
        bytes.try_into().map(Self).map_err(|_| wrong())
    }
    /// White or ink, whichever reads better on this colour: relative luminance of WCAG 2 above 0.179 takes dark text.
    #[allow(clippy::float_arithmetic, reason = "a colour's luminance, no money")]
    pub fn text_on(self) -> &'static str {
        let linear = |part: u8| {
            let share = f64::from(part) / 255.0;
            if share <= 0.040_45 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = self.0.map(linear);
        if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 {
            "#1D2733"
        } else {
            "#FFFFFF"
        }
    }
}

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", data_encoding::HEXUPPER.encode(&self.0))
    }
}

impl Serialize for Color {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl Brand {
    /// The style sheet that overrides the tokens; empty when nothing is overridden.
    pub fn css(&self) -> String {
        let mut rules = String::new();
        let tokens = [
            ("brand", self.brand),
            ("brand-soft", self.brand_soft),
            ("ink", self.ink),
            ("paper", self.paper),
            ("accent", self.accent),
        ];
        for (name, color) in tokens {
            if let Some(color) = color {
                rules.push_str(&format!("--{name}:{color};"));
            }
        }
        if let Some(color) = self.brand {
            rules.push_str(&format!("--on-brand:{};", color.text_on()));
        }
        if rules.is_empty() {
            rules
        } else {
            format!(":root{{{rules}}}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_colours_reach_the_style_sheet() {
        for text in ["red", "#12345", "#1234567", "#12345g", "#fff;}body{", ""] {
            assert!(Color::parse(text).is_err(), "{text}");
        }
        let brand = Brand {
            brand: Color::parse("#0b5fa5").ok(),
            ..Brand::default()
        };
        assert_eq!(brand.css(), ":root{--brand:#0B5FA5;--on-brand:#FFFFFF;}");
        assert_eq!(Brand::default().css(), "");
    }

    #[test]
    fn light_colours_take_dark_text() {
        assert_eq!(Color::parse("#FFD54F").map(Color::text_on), Ok("#1D2733"));
        assert_eq!(Color::parse("#B8442F").map(Color::text_on), Ok("#FFFFFF"));
    }
}
