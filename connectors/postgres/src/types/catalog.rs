//! Types by their numbers: the built-in ones are known, the rest come from the server's catalog.

use std::collections::BTreeMap;

use connector_core::ColumnTypes as _;

use super::builtin;
use super::decoder::{Decoder, Parts};
use super::{PostgresType, Precision, Scale};

/// Types that hold others are read this deep.
const DEPTH: usize = 32;

/// A row of `pg_type`, with what other catalogs add to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeInfo {
    /// `oid`.
    pub oid: u32,
    /// `typname`, without its schema.
    pub name: String,
    /// What sort of type it is.
    pub kind: TypeKind,
}

/// What sort of type it is: `typtype`, and what that sort needs to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeKind {
    /// A base type, by its name (`b`).
    Base,
    /// An array: `b` with the category `A`.
    Array {
        /// `typelem`.
        element: u32,
        /// `typdelim` of the element, which is a comma but for `box`.
        delimiter: u8,
    },
    /// An enum (`e`).
    Enum,
    /// A domain (`d`).
    Domain {
        /// `typbasetype`.
        base: u32,
        /// `typtypmod`: the modifier of the base type.
        modifier: i32,
    },
    /// A composite (`c`): the columns of its `typrelid` that are not dropped, in order.
    Composite(Vec<TypeField>),
    /// A range (`r`).
    Range {
        /// `rngsubtype`.
        bound: u32,
    },
    /// A multirange (`m`).
    Multirange {
        /// `rngsubtype`.
        bound: u32,
    },
}

/// A field of a composite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeField {
    /// `attname`.
    pub name: String,
    /// `atttypid`.
    pub oid: u32,
    /// `atttypmod`.
    pub modifier: i32,
}

/// What a person may want otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TypeOptions {
    /// `numeric` becomes `String`, so that NaN and the infinities fit.
    pub numeric_as_text: bool,
}

/// The types of a database that are not built in.
#[derive(Debug, Clone, Default)]
pub struct TypeCatalog {
    types: BTreeMap<u32, TypeInfo>,
    options: TypeOptions,
    money_decimals: MoneyDecimals,
}

/// How many digits `money` has behind the point.
#[derive(Debug, Clone, Copy)]
struct MoneyDecimals(u8);

impl Default for MoneyDecimals {
    fn default() -> Self {
        Self(2)
    }
}

impl TypeCatalog {
    /// The built-in types alone.
    pub fn new(options: TypeOptions) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// The same where `lc_monetary` has so many decimals; two unless it is said.
    #[must_use]
    pub fn with_money_decimals(self, decimals: u8) -> Self {
        let money_decimals = MoneyDecimals(decimals);
        Self {
            money_decimals,
            ..self
        }
    }

    /// Adds a type of the catalog. A built-in one keeps its own meaning.
    pub fn insert(&mut self, info: TypeInfo) {
        self.types.insert(info.oid, info);
    }

    /// Whether the type can be looked up.
    pub fn knows(&self, oid: u32) -> bool {
        self.types.contains_key(&oid) || builtin::find(oid).is_some()
    }

    /// How a column of this type and modifier (`atttypid` and `atttypmod`) is read.
    ///
    /// # Errors
    /// The reason why it is not, and what to do instead.
    pub fn resolve(&self, oid: u32, modifier: i32) -> Result<Decoder, String> {
        self.resolve_within(oid, modifier, 0)
    }

    fn resolve_within(&self, oid: u32, modifier: i32, depth: usize) -> Result<Decoder, String> {
        if depth > DEPTH {
            return Err(format!("it holds types more than {DEPTH} deep"));
        }
        let part = |oid, modifier| self.resolve_within(oid, modifier, depth + 1);
        let boxed = |oid, modifier| part(oid, modifier).map(Box::new);
        if let Some(known) = builtin::find(oid) {
            return Ok(match known {
                builtin::Found::Plain(name) => Decoder::plain(self.plain(name, modifier)?),
                builtin::Found::Array(element) => Decoder::made_of(Parts::Array {
                    delimiter: builtin::delimiter(element),
                    element: boxed(element, modifier)?,
                }),
                builtin::Found::Range(bound) => Decoder::made_of(Parts::Range(boxed(bound, -1)?)),
                builtin::Found::Multirange(bound) => {
                    Decoder::made_of(Parts::Multirange(boxed(bound, -1)?))
                }
            });
        }
        let info = self.types.get(&oid).ok_or_else(|| {
            format!("the type with the oid {oid} is not in the catalog that was read")
        })?;
        Ok(match &info.kind {
            TypeKind::Base => Decoder::plain(self.plain(&info.name, modifier)?),
            TypeKind::Enum => Decoder::plain(PostgresType::Enum),
            TypeKind::Domain { base, modifier } => part(*base, *modifier)?,
            TypeKind::Array { element, delimiter } => Decoder::made_of(Parts::Array {
                element: boxed(*element, modifier)?,
                delimiter: *delimiter,
            }),
            TypeKind::Range { bound } => Decoder::made_of(Parts::Range(boxed(*bound, -1)?)),
            TypeKind::Multirange { bound } => {
                Decoder::made_of(Parts::Multirange(boxed(*bound, -1)?))
            }
            TypeKind::Composite(fields) => {
                let field = |field: &TypeField| {
                    let decoder = part(field.oid, field.modifier)
                        .map_err(|reason| format!("field `{}`: {reason}", field.name))?;
                    Ok((field.name.clone(), decoder))
                };
                let fields = fields.iter().map(field).collect::<Result<_, String>>()?;
                Decoder::made_of(Parts::Composite(fields))
            }
        })
    }

    /// A base type by its name in `pg_type`.
    fn plain(&self, name: &str, modifier: i32) -> Result<PostgresType, String> {
        let typ = match name {
            "numeric" if self.options.numeric_as_text => PostgresType::NumericText,
            "numeric" => numeric(modifier),
            "money" => money(self.money_decimals)?,
            "varchar" => PostgresType::Varchar {
                n: length(modifier),
            },
            "bpchar" => PostgresType::Character {
                n: length(modifier),
            },
            name => PostgresType::from_name(name).unwrap_or(PostgresType::Other),
        };
        typ.field_type().map(|_| typ).map_err(str::to_owned)
    }
}

fn money(MoneyDecimals(decimals): MoneyDecimals) -> Result<PostgresType, String> {
    match decimals {
        0 => Ok(PostgresType::MoneyWhole),
        2 => Ok(PostgresType::Money),
        3 => Ok(PostgresType::MoneyThousandths),
        decimals => Err(format!(
            "`money` with {decimals} decimals, as the server's `lc_monetary` has them; cast it to `numeric` in a view"
        )),
    }
}

/// A modifier counts from 4; -1 is none.
fn length(modifier: i32) -> Option<u32> {
    u32::try_from(modifier.checked_sub(4)?).ok()
}

/// The precision is in the upper half of the modifier, the scale in the lower 11 bits, with a sign since Postgres 15.
fn numeric(modifier: i32) -> PostgresType {
    let sized = || {
        let packed = length(modifier)?;
        let precision = Precision::new(u16::try_from(packed >> 16).ok()?)?;
        let scale = i16::try_from(packed & 0x7ff).ok()?;
        let scale = Scale::new((scale ^ 0x400) - 0x400)?;
        Some(PostgresType::SizedNumeric {
            p: precision,
            s: scale,
        })
    };
    sized().unwrap_or(PostgresType::Numeric)
}
