//! RSA keys in XML: `RSAKeyValue`, as .NET's `ToXmlString` writes them.

use zeroize::Zeroizing;

use super::material::Material;
use super::numbers::number;
use super::problem::bad;
use crate::error::Error;

const NAME: &str = "RSAKeyValue";

/// The elements in the order of RFC 8017 appendix A.1.2.
const ELEMENTS: [&str; 8] = ["Modulus", "Exponent", "D", "P", "Q", "DP", "DQ", "InverseQ"];

/// Reads the key; `None` where there is no such element.
pub(super) fn read(text: &str) -> Option<Result<Material, Error>> {
    let key = element(text, NAME)?;
    Some(material(key))
}

fn material(key: &str) -> Result<Material, Error> {
    let mut numbers: [Zeroizing<Vec<u8>>; 8] = Default::default();
    for (place, name) in numbers.iter_mut().zip(ELEMENTS) {
        let text = element(key, name).ok_or_else(|| match name {
            "Modulus" | "Exponent" => bad(format!("is an RSA key in XML without {name}")),
            _ => bad(format!("is a public key in XML, without {name}"))
                .with_hint("export it with its private part: ToXmlString(true)"),
        })?;
        let mut digits = Zeroizing::new(String::with_capacity(text.len()));
        digits.extend(text.split_ascii_whitespace());
        *place = number(&digits).ok_or_else(|| {
            bad(format!("is damaged: what stands in its element {name} is not base64"))
        })?;
    }
    Material::rsa_of_numbers(&numbers)
}

/// Returns what stands in the first element `name`.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let begin = format!("<{name}");
    let begun = text.match_indices(&begin).map(|(place, begin)| &text[place + begin.len()..]);
    let (_, content) = begun
        .filter(|begun| begun.starts_with(|c: char| c == '>' || c.is_ascii_whitespace()))
        .find_map(|begun| begun.split_once('>'))?;
    content.split_once(&format!("</{name}>")).map(|(content, _)| content)
}
