//! QR codes as pictures.

use qrcode::{Color, EcLevel, QrCode, render::svg, types::QrError};

/// Pixels a module is wide in a PNG.
const SCALE: usize = 8;
/// Modules of white around it, as the standard asks for.
const MARGIN: usize = 4;

/// The picture could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum PictureError {
    /// The text does not fit a QR code.
    #[error(transparent)]
    TooLong(#[from] QrError),
    /// The PNG could not be written.
    #[error(transparent)]
    Png(#[from] png::EncodingError),
}

/// As an SVG.
pub(super) fn svg(text: &str) -> Result<String, PictureError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(320, 320).build())
}

/// As a PNG, a bit a pixel.
pub(super) fn png(text: &str) -> Result<Vec<u8>, PictureError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let (modules, side) = (code.width(), (code.width() + 2 * MARGIN) * SCALE);
    let line = side.div_ceil(8);
    let mut pixels = vec![0xFF_u8; line * side];
    for (row, pixels) in pixels.chunks_exact_mut(line).enumerate() {
        let Some(y) = (row / SCALE).checked_sub(MARGIN).filter(|y| *y < modules) else { continue };
        for x in 0..modules {
            if code[(x, y)] == Color::Dark {
                // a module is exactly one byte wide
                pixels[MARGIN + x] = 0;
            }
        }
    }
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_finds_in_the_picture_what_was_put_in() {
        let text = format!("DBT1.{}.{}", "a1B-".repeat(50), "_z9Q".repeat(21));
        let picture = png(&text).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        let (width, line) = (frame.width as usize, frame.line_size);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, width, |x, y| {
            if (pixels[y * line + x / 8] >> (7 - x % 8)) & 1 == 1 { 255 } else { 0 }
        });
        let grids = image.detect_grids();
        let (_, found) = grids.first().expect("there is a QR code").decode().unwrap();
        assert_eq!(found, text);
    }

    #[test]
    fn a_picture_for_the_web_is_an_svg() {
        let picture = svg("DBT1.claims.signature").unwrap();
        assert!(picture.contains("<svg") && picture.ends_with("</svg>"), "{picture}");
    }
}
