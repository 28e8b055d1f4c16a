//! The impls of a row struct.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Ident, Path, Type};

use super::constants::checks;
use super::key;
use super::model::{Kind, Member, Row, Tracking};
use super::read::from_row;
use crate::emit::{in_private_scope, with_bounds, without_lifetimes};
use crate::path::Private;
use crate::shape;

pub(crate) fn row(row: &Row<'_>) -> TokenStream {
    let old = match row.tracking {
        Tracking::FullChanges => quote!(Self),
        Tracking::OnlyPk => key::name(row, &key::generics(row)),
        Tracking::Nothing => {
            let private = &row.private;
            quote!(#private::NoOldRow)
        }
    };
    let key = (row.tracking == Tracking::OnlyPk).then(|| key::declaration(row));
    let key_impls = if key.is_some() {
        key::impls(row)
    } else {
        TokenStream::new()
    };
    let items = [
        checks(row),
        columns(row),
        source_row(row, &old),
        dozer_source(row),
        from_row(row),
        key_impls,
    ];
    let items = with_modules(row, items.into_iter().collect());
    let scope = in_private_scope(&row.private, &items);
    quote!(#key #scope)
}

/// Imports the modules of `with`, so that one which is not there is told once and not for each of its items.
///
/// Each keeps its name, which messages about its items show; so this is for single names alone.
fn with_modules(row: &Row<'_>, items: TokenStream) -> TokenStream {
    let mut modules: Vec<&Ident> = Vec::new();
    for member in &row.members {
        if let Kind::With(path) = &member.kind
            && path.leading_colon.is_none()
            && let Some(module) = path.get_ident()
            && !modules.contains(&module)
            && !["Self", "self", "super", "crate"]
                .iter()
                .any(|word| module == word)
            && !row
                .generics
                .type_params()
                .any(|parameter| parameter.ident == *module)
        {
            modules.push(module);
        }
    }
    if modules.is_empty() {
        return items;
    }
    let (mut imports, mut names) = (TokenStream::new(), TokenStream::new());
    for (place, module) in modules.into_iter().enumerate() {
        let at = module.span();
        let alias = Ident::new(&format!("__with_{place}"), at);
        imports.extend(quote_spanned!(at=> use #module as #alias;));
        names.extend(quote_spanned!(at=> use #alias as #module;));
    }
    quote! {
        #imports
        const _: () = { #names #items };
    }
}

/// The trait that a member's type needs for its column.
fn column_bound<'a>(member: &Member<'a>, private: &Private) -> Option<(&'a Type, TokenStream)> {
    match member.kind {
        Kind::Value => Some((member.ty, quote!(#private::ColumnValue))),
        Kind::Json => Some((member.ty, quote!(#private::Serialize))),
        Kind::Flatten => Some((member.ty, quote!(#private::Columns))),
        Kind::Skip | Kind::With(_) => None,
    }
}

/// The row's generics, with what its columns need of the types.
fn column_generics(row: &Row<'_>) -> Generics {
    with_bounds(
        row.generics,
        row.members
            .iter()
            .filter_map(|member| column_bound(member, &row.private)),
    )
}

/// How many columns these members have.
pub(super) fn count<'a>(
    members: impl Iterator<Item = &'a Member<'a>>,
    private: &Private,
) -> TokenStream {
    let mut columns: usize = 0;
    let mut groups = TokenStream::new();
    for member in members {
        // The key struct may lack the row's lifetime.
        let ty = without_lifetimes(member.ty);
        match member.kind {
            Kind::Value | Kind::Json | Kind::With(_) => columns += 1,
            Kind::Flatten => groups.extend(quote!(+ <#ty as #private::Columns>::COUNT)),
            Kind::Skip => {}
        }
    }
    quote!(#columns #groups)
}

fn columns(row: &Row<'_>) -> TokenStream {
    let (ident, private) = (row.ident, &row.private);
    let generics = column_generics(row);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let declared = (row.members.iter().enumerate())
        .filter(|(_, member)| !matches!(member.kind, Kind::Skip))
        .map(|(place, member)| declared(row, place, member));
    let fields = row.members.iter().map(|member| field(member, private));
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::Columns for #ident #type_generics #where_clause {
            const COLUMNS: &'static [#private::DeclaredColumn] = &[#(#declared),*];
        }
        #[automatically_derived]
        impl #impl_generics #private::RowImage for #ident #type_generics #where_clause {
            #[inline]
            fn table(&self) -> usize {
                0
            }

            #[inline]
            fn append(&self, __row: &mut #private::RowWriter<'_>) -> #private::Result<(), #private::Rejected> {
                #private::append(self, __row)
            }

            #[inline]
            fn fields<'__i>(__fields: &mut impl #private::Fields<'__i, Self>)
            where
                Self: '__i,
            {
                #(#fields)*
            }
        }
    }
}

/// What core needs to know of the member's column.
fn declared(row: &Row<'_>, place: usize, member: &Member<'_>) -> TokenStream {
    let (private, ty, column) = (&row.private, member.ty, &member.column.text);
    let written_option = member.option().is_some();
    let (own_type, nullable, left_out) = match &member.kind {
        Kind::Skip => return TokenStream::new(),
        Kind::Flatten => {
            return quote!(#private::DeclaredColumn::Group(<#ty as #private::Columns>::COLUMNS));
        }
        Kind::Value => {
            let value = quote!(<#ty as #private::ColumnValue>);
            (
                quote!(#value::FIELD_TYPE),
                quote!(#value::NULLABLE),
                quote!(#value::MAY_BE_LEFT_OUT),
            )
        }
        Kind::Json => (
            quote!(#private::FieldType::Json),
            quote!(#written_option),
            quote!(false),
        ),
        Kind::With(module) => (
            in_module(module, "FIELD_TYPE"),
            quote!(#written_option),
            quote!(false),
        ),
    };
    let field_type = member
        .field_type
        .as_ref()
        .map_or(own_type, |spec| spec.expand(private));
    let nullable = if member.default.is_some() {
        quote!(true)
    } else {
        nullable
    };
    let key = Literal::u16_unsuffixed(row.key_place(place).unwrap_or(0));
    let description = &member.description;
    quote!(#private::column(#column, #field_type, #nullable, #left_out, #key, #description))
}

/// Shows the member's columns.
fn field(member: &Member<'_>, private: &Private) -> TokenStream {
    let (ident, ty) = (member.ident, member.ty);
    match &member.kind {
        Kind::Skip => TokenStream::new(),
        Kind::Value => {
            quote!(<#ty as #private::ColumnValue>::show(__fields, |__row| &__row.#ident);)
        }
        Kind::Flatten => quote!(<#ty as #private::Columns>::show(__fields, |__row| &__row.#ident);),
        Kind::Json | Kind::With(_) => {
            let pushed = push(member, "__of", private);
            quote!(#private::Fields::written(__fields, |__of, __row| { #pushed });)
        }
    }
}

/// Pushes the member's columns of the row that `of` names.
pub(super) fn push(member: &Member<'_>, of: &str, private: &Private) -> TokenStream {
    let (ident, ty) = (member.ident, member.ty);
    let row = Ident::new(of, Span::call_site());
    match &member.kind {
        Kind::Skip => TokenStream::new(),
        Kind::Value => quote!(<#ty as #private::ColumnValue>::push_into(&#row.#ident, __row);),
        Kind::Flatten => quote!(<#ty as #private::Columns>::push_into(&#row.#ident, __row);),
        Kind::Json => member.option().map_or_else(
            || quote!(#private::push_json::<#ty>(&#row.#ident, __row);),
            |inner| quote!(#private::push_optional_json::<#inner>(&#row.#ident, __row);),
        ),
        Kind::With(module) => {
            let to_value = in_module(module, "to_value");
            let place = Span::call_site().located_at(ty.span());
            let row = Ident::new(of, place);
            let field = quote_spanned!(place=> &#row.#ident);
            quote!(#private::push(#to_value(#field), __row);)
        }
    }
}

/// An item of the module that `with` names; a message about it points at the module.
pub(super) fn in_module(module: &Path, item: &str) -> TokenStream {
    let item = Ident::new(item, module.span());
    quote!(#module::#item)
}

/// What a row type says of its tables; a generic one says nothing, as its parameters need not be columns here.
pub(super) fn declared_tables(generics: &syn::Generics, private: &Private) -> Option<TokenStream> {
    generics.type_params().next().is_none().then(|| {
        quote! {
            #[inline]
            fn declared_tables() -> #private::Vec<#private::TableInfo> {
                <Self as #private::DozerSource>::tables()
            }
        }
    })
}

fn source_row(row: &Row<'_>, old: &TokenStream) -> TokenStream {
    let (ident, private) = (row.ident, &row.private);
    let generics = column_generics(row);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let tracking = row.tracking.tag();
    let told = (row.tracking == Tracking::OnlyPk)
        .then(|| told(&quote!(#private::KeyOf), old, ident, &generics, private));
    let declared = declared_tables(&generics, private);
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::SourceRow for #ident #type_generics #where_clause {
            type Old = #old;
            type Tracking = #private::#tracking;
            #declared
        }
        #told
    }
}

/// Says that `old` is the old image of the rows: of one table, or of several.
pub(super) fn told(
    is_old: &TokenStream,
    old: &TokenStream,
    ident: &Ident,
    generics: &Generics,
    private: &Private,
) -> TokenStream {
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #is_old<#ident #type_generics> for #old #where_clause {
            #[inline]
            fn told(
                __event: #private::Event<#ident #type_generics, Self>,
            ) -> #private::Event<#ident #type_generics> {
                __event
            }
        }
    }
}

/// The column types of the system that the rows are read from.
pub(super) fn types(row: &Row<'_>, private: &Private) -> TokenStream {
    (row.types.as_ref()).map_or_else(|| quote!(#private::AnyTypes), ToTokens::to_token_stream)
}

fn dozer_source(row: &Row<'_>) -> TokenStream {
    let (ident, private) = (row.ident, &row.private);
    let generics = column_generics(row);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let types = types(row, private);
    let shape = if shape::lifetime(row.generics).is_some() {
        quote!(LentRow)
    } else {
        quote!(OwnedRow)
    };
    let table = &row.table.text;
    let full_name = row.schema.as_ref().map_or_else(
        || table.clone(),
        |schema| format!("{}.{table}", schema.value()),
    );
    let tracking = match row.tracking {
        Tracking::FullChanges => quote!(FullChanges),
        Tracking::OnlyPk => quote!(OnlyPK),
        Tracking::Nothing => quote!(Nothing),
    };
    let schema = (row.schema.as_ref()).map_or_else(
        || quote!(#private::None),
        |schema| quote!(#private::Some(#schema)),
    );
    let description = &row.description;
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::DozerSource for #ident #type_generics #where_clause {
            type Types = #types;
            type Shape = #private::#shape;

            const TABLE: #private::Option<&'static str> = #private::Some(#full_name);

            #[inline]
            fn tables() -> #private::Vec<#private::TableInfo> {
                #private::table(
                    #table,
                    #schema,
                    #private::ReplicationChangesTrackingType::#tracking,
                    #description,
                    <Self as #private::Columns>::COLUMNS,
                )
            }
        }
    }
}
