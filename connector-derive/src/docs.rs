//! Documentation comments as descriptions.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of the doc comments: the lines of a paragraph joined, paragraphs kept apart by an empty line.
pub(crate) fn description(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    let mut at_paragraph = false;
    for part in attributes.iter().filter_map(doc_text) {
        for line in part.lines().map(str::trim) {
            if line.is_empty() {
                at_paragraph = !text.is_empty();
                continue;
            }
            if at_paragraph {
                text.push_str("\n\n");
            } else if !text.is_empty() {
                text.push(' ');
            }
            at_paragraph = false;
            text.push_str(line);
        }
        if part.is_empty() {
            at_paragraph = !text.is_empty();
        }
    }
    text
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    if !pair.path.is_ident("doc") {
        return None;
    }
    match &pair.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_paragraphs_kept() {
        let item: syn::DeriveInput = syn::parse_quote! {
            /// The first line
            /// goes on here.
            ///
            /// A second paragraph.
            #[doc(hidden)]
            struct Row;
        };
        assert_eq!(
            description(&item.attrs),
            "The first line goes on here.\n\nA second paragraph."
        );
    }

    #[test]
    fn without_comments_there_is_no_description() {
        let item: syn::DeriveInput = syn::parse_quote! { #[doc(hidden)] struct Row; };
        assert_eq!(description(&item.attrs), "");
    }
}
