//! The texts of errors, as they stand in the sources of the packages.
//!
//! It begins with the calls that make errors, and follows each text back to where it is written: through
//! variables, branches, tuples, constants, functions that return texts, and parameters to the callers. A
//! text that it cannot follow is told, so that none escapes.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, Item, Pat, Stmt, Token};

/// The part of an error that a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The problem, which continues a sentence or is one.
    Problem,
    /// The step that solves it.
    Hint,
    /// A part of either.
    Part,
}

/// A text, with `{}` where it has values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    pub kind: Kind,
    pub text: String,
    /// The file and line that it is written in.
    pub place: String,
}

/// All texts of errors, and the places where the text cannot be followed.
#[derive(Default)]
pub struct Texts {
    pub texts: BTreeSet<Text>,
    pub unseen: BTreeSet<String>,
}

/// The calls that make errors: their names, and which argument is which part.
const CONSTRUCTORS: [(&str, usize, Kind); 9] = [
    ("Error::new", 1, Kind::Problem),
    ("Error::argument", 1, Kind::Problem),
    (".with_problem", 0, Kind::Problem),
    (".with_hint", 0, Kind::Hint),
    (".with_more_hint", 0, Kind::Hint),
    ("Details::new", 1, Kind::Problem),
    (".set_note", 0, Kind::Hint),
    ("Check::warning", 1, Kind::Problem),
    ("Check::warning", 2, Kind::Hint),
];

/// The fields of structs that hold such texts.
const FIELDS: [(&str, Kind); 7] = [
    ("problem", Kind::Problem),
    ("hint", Kind::Hint),
    ("doubt", Kind::Hint),
    ("connect", Kind::Hint),
    ("rejected", Kind::Hint),
    ("effect", Kind::Problem),
    ("found", Kind::Part),
];

/// Methods that return the text, or the texts, that they are called on.
const TRANSPARENT: [&str; 21] = [
    "collect",
    "join",
    "into",
    "to_owned",
    "to_string",
    "as_str",
    "as_ref",
    "as_deref",
    "clone",
    "cloned",
    "copied",
    "unwrap",
    "unwrap_or_default",
    "expect",
    "filter",
    "iter",
    "into_iter",
    "into_owned",
    "find",
    "transpose",
    "flatten",
];

/// Methods whose argument is another text, next to what they are called on.
const OTHERWISE: [&str; 5] = ["or", "or_else", "unwrap_or", "unwrap_or_else", "chain"];

/// Methods that return what their last argument is or returns.
const MAPPED: [&str; 8] =
    ["map", "and_then", "map_or", "map_or_else", "then", "then_some", "filter_map", "find_map"];

/// Functions that show the text of another, such as a server or the system, safely.
const VALUES: [&str; 5] = ["io_reason", "redact", "shown", "printable", "c_text"];

/// Methods that return a text of an error or of a place where it is kept: it is followed where it is made.
const SHOWS: [&str; 5] = ["message", "problem", "hint", "take", "load"];

/// The depth of a member in tuples that is followed.
const MAX_STEPS: usize = 6;

struct Source {
    /// Such as `src/net/mod.rs`.
    name: String,
    /// Such as `net`.
    module: String,
    /// The imported names, each with the name before it in its path.
    imports: Vec<(String, String)>,
}

/// A function, a method, or a closure with a name.
struct Function {
    source: usize,
    name: String,
    /// The type that it belongs to.
    owner: Option<String>,
    is_method: bool,
    parameters: Vec<String>,
    body: Block,
    bindings: Vec<Binding>,
}

/// A variable and the value that it has, or the part of the value.
struct Binding {
    name: String,
    value: Expr,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Element(usize),
    /// The member of a variant, such as `Refused(reason)`.
    Variant(String, usize),
    Field(String),
    /// The error of a call, whose text another wrote.
    Error,
}

/// A place that texts arrive at: an argument, or a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sink {
    /// An argument of a function in that file.
    Argument {
        source: usize,
        owner: Option<String>,
        name: String,
        index: usize,
        is_method: bool,
    },
    /// An argument of a function that is known by its name alone, such as `Error::new`.
    Named(String, usize),
    Field(String),
}

impl Texts {
    /// Reads the sources in these folders below `root`, without tests.
    pub fn read(root: &Path, folders: &[&str]) -> Self {
        let mut reader = Reader::default();
        for folder in folders {
            reader.add_folder(root, &root.join(folder));
        }
        let (sinks, followed) = (Vec::new(), HashSet::new());
        let mut reading = Reading { reader: &reader, found: Self::default(), sinks, followed };
        for (name, index, kind) in CONSTRUCTORS {
            reading.add(Sink::Named(name.to_owned(), index), kind);
        }
        for (name, kind) in FIELDS {
            reading.add(Sink::Field(name.to_owned()), kind);
        }
        let mut next = 0;
        while let Some((sink, kind)) = reading.sinks.get(next).cloned() {
            reading.follow(&sink, kind);
            next += 1;
        }
        reading.found
    }
}

/// Everything that is read from the sources.
#[derive(Default)]
struct Reader {
    sources: Vec<Source>,
    functions: Vec<Function>,
    constants: Vec<(usize, String, Expr)>,
    /// Each call, method call and struct with the function that it stands in.
    uses: Vec<(usize, Option<usize>, Expr)>,
    /// The function whose body is read.
    inside: Vec<usize>,
    owner: Option<String>,
}

impl Reader {
    fn add_folder(&mut self, root: &Path, folder: &Path) {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.add_folder(root, &path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                self.add(root, &path);
            }
        }
    }

    fn add(&mut self, root: &Path, path: &Path) {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let folder = path.parent().unwrap();
        if is_test_file(folder, &stem) {
            return;
        }
        let module = match &*stem {
            "mod" => folder.file_name().unwrap().to_string_lossy().into_owned(),
            _ => stem,
        };
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let file = syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap();
        self.sources.push(Source { name, module, imports: Vec::new() });
        self.visit_file(&file);
    }

    fn source(&self) -> usize {
        self.sources.len() - 1
    }

    fn enter(&mut self, function: Function, read: impl FnOnce(&mut Self)) {
        self.functions.push(function);
        self.inside.push(self.functions.len() - 1);
        read(self);
        self.inside.pop();
    }

    fn bind(&mut self, pattern: &Pat, value: &Expr, step: Option<Step>) {
        let Some(&function) = self.inside.last() else { return };
        let mut names = Vec::new();
        bound(pattern, &mut step.into_iter().collect(), &mut names);
        for (name, steps) in names {
            let value = value.clone();
            self.functions[function].bindings.push(Binding { name, value, steps });
        }
    }

    fn add_function(
        &mut self,
        signature: &syn::Signature,
        body: &Block,
        read: impl FnOnce(&mut Self),
    ) {
        let parameters = signature.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Receiver(_) => None,
            syn::FnArg::Typed(typed) => Some(name_of(&typed.pat)),
        });
        let function = Function {
            source: self.source(),
            name: signature.ident.to_string(),
            owner: self.owner.clone(),
            is_method: signature.receiver().is_some(),
            parameters: parameters.collect(),
            body: body.clone(),
            bindings: Vec::new(),
        };
        self.enter(function, read);
    }
}

/// Returns whether a file is declared by `mod` below `#[cfg(test)]`.
fn is_test_file(folder: &Path, stem: &str) -> bool {
    let front = ["mod.rs", "lib.rs"].map(|name| folder.join(name));
    let front = front.iter().find_map(|front| fs::read_to_string(front).ok());
    front.is_some_and(|text| text.contains(&format!("#[cfg(test)]\nmod {stem};")))
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Const(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut imports = Vec::new();
        imported(&item.tree, "", &mut imports);
        self.sources.last_mut().unwrap().imports.extend(imports);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        let (source, name) = (self.source(), item.ident.to_string());
        self.constants.push((source, name, (*item.expr).clone()));
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        let (source, name) = (self.source(), item.ident.to_string());
        self.constants.push((source, name, (*item.expr).clone()));
        visit::visit_item_static(self, item);
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        let (source, name) = (self.source(), item.ident.to_string());
        self.constants.push((source, name, item.expr.clone()));
        visit::visit_impl_item_const(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let owner = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        let outer = std::mem::replace(&mut self.owner, owner);
        visit::visit_item_impl(self, item);
        self.owner = outer;
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add_function(&item.sig, &item.block, |reader| {
            visit::visit_block(reader, &item.block);
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            self.add_function(&item.sig, &item.block, |reader| {
                visit::visit_block(reader, &item.block);
            });
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let Some(init) = &local.init else { return };
        match (&local.pat, &*init.expr) {
            (Pat::Ident(name), Expr::Closure(closure)) => {
                let body = Block {
                    brace_token: syn::token::Brace::default(),
                    stmts: vec![Stmt::Expr((*closure.body).clone(), None)],
                };
                // It sees the variables around it.
                let outer = self.inside.last().map(|&outer| {
                    let bindings = self.functions[outer].bindings.iter();
                    bindings.map(Binding::copy).collect::<Vec<_>>()
                });
                let function = Function {
                    source: self.source(),
                    name: name.ident.to_string(),
                    owner: None,
                    is_method: false,
                    parameters: closure.inputs.iter().map(name_of).collect(),
                    body,
                    bindings: outer.unwrap_or_default(),
                };
                self.enter(function, |reader| visit::visit_expr(reader, &closure.body));
            }
            _ => {
                self.bind(&local.pat, &init.expr, None);
                visit::visit_local(self, local);
            }
        }
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Let(found) => self.bind(&found.pat, &found.expr, None),
            Expr::Match(found) => {
                for arm in &found.arms {
                    self.bind(&arm.pat, &found.expr, None);
                }
            }
            Expr::ForLoop(found) => self.bind(&found.pat, &found.expr, None),
            Expr::MethodCall(call) => {
                if let (true, Expr::Path(list)) = (call.method == "push", &*call.receiver)
                    && let (Some(name), Some(&function)) =
                        (list.path.get_ident(), self.inside.last())
                {
                    let (name, value) = (name.to_string(), call.args[0].clone());
                    self.functions[function].bindings.push(Binding {
                        name,
                        value,
                        steps: Vec::new(),
                    });
                }
                for closure in call.args.iter().filter_map(closure_of) {
                    for input in &closure.inputs {
                        let steps = (call.method == "map_err").then_some(Step::Error);
                        self.bind(input, &call.receiver, steps);
                    }
                }
            }
            _ => {}
        }
        if matches!(expr, Expr::Call(_) | Expr::MethodCall(_) | Expr::Struct(_)) {
            self.uses.push((self.source(), self.inside.last().copied(), expr.clone()));
        }
        visit::visit_expr(self, expr);
    }

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        // Errors may be made in the arguments of a macro, such as `vec!`.
        if let Some(arguments) = arguments(found) {
            for argument in &arguments {
                // The arguments live only here; what is read of them is cloned.
                let mut nested = Nested(Vec::new());
                nested.visit_expr(argument);
                let inside = self.inside.last().copied();
                let source = self.source();
                self.uses.extend(nested.0.into_iter().map(|expr| (source, inside, expr)));
            }
        }
    }
}

/// The calls and structs in the arguments of a macro.
struct Nested(Vec<Expr>);

impl<'ast> Visit<'ast> for Nested {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if matches!(expr, Expr::Call(_) | Expr::MethodCall(_) | Expr::Struct(_)) {
            self.0.push(expr.clone());
        }
        visit::visit_expr(self, expr);
    }
}

impl Binding {
    fn copy(&self) -> Self {
        let Self { name, value, steps } = self;
        Self { name: name.clone(), value: value.clone(), steps: steps.clone() }
    }
}

fn arguments(found: &syn::Macro) -> Option<Punctuated<Expr, Token![,]>> {
    found.parse_body_with(Punctuated::parse_terminated).ok()
}

fn closure_of(expr: &Expr) -> Option<&syn::ExprClosure> {
    match expr {
        Expr::Closure(closure) => Some(closure),
        _ => None,
    }
}

fn name_of(pattern: &Pat) -> String {
    match pattern {
        Pat::Ident(name) => name.ident.to_string(),
        Pat::Type(typed) => name_of(&typed.pat),
        Pat::Reference(inner) => name_of(&inner.pat),
        _ => String::new(),
    }
}

fn imported(tree: &syn::UseTree, before: &str, imports: &mut Vec<(String, String)>) {
    match tree {
        syn::UseTree::Path(path) => imported(&path.tree, &path.ident.to_string(), imports),
        syn::UseTree::Name(name) => imports.push((name.ident.to_string(), before.to_owned())),
        syn::UseTree::Rename(name) => imports.push((name.rename.to_string(), before.to_owned())),
        syn::UseTree::Group(group) => {
            group.items.iter().for_each(|tree| imported(tree, before, imports));
        }
        syn::UseTree::Glob(_) => {}
    }
}

/// Adds each variable of a pattern with the steps to its value.
fn bound(pattern: &Pat, steps: &mut Vec<Step>, names: &mut Vec<(String, Vec<Step>)>) {
    let mut inner = |step: Option<Step>, pattern: &Pat, steps: &mut Vec<Step>| {
        let len = steps.len();
        steps.extend(step);
        bound(pattern, steps, names);
        steps.truncate(len);
    };
    match pattern {
        Pat::Ident(name) => {
            if let Some((_, at)) = &name.subpat {
                inner(None, at, steps);
            }
            names.push((name.ident.to_string(), steps.clone()));
        }
        Pat::Type(typed) => inner(None, &typed.pat, steps),
        Pat::Reference(reference) => inner(None, &reference.pat, steps),
        Pat::Paren(paren) => inner(None, &paren.pat, steps),
        Pat::Or(or) => or.cases.iter().for_each(|case| inner(None, case, steps)),
        Pat::Slice(slice) => slice.elems.iter().for_each(|elem| inner(None, elem, steps)),
        Pat::Tuple(tuple) => {
            for (index, elem) in tuple.elems.iter().enumerate() {
                inner(Some(Step::Element(index)), elem, steps);
            }
        }
        Pat::TupleStruct(tuple) => {
            let variant = tuple.path.segments.last().unwrap().ident.to_string();
            for (index, elem) in tuple.elems.iter().enumerate() {
                let step = match &*variant {
                    "Some" | "Ok" => None,
                    "Err" => Some(Step::Error),
                    _ => Some(Step::Variant(variant.clone(), index)),
                };
                inner(step, elem, steps);
            }
        }
        Pat::Struct(fields) => {
            for field in &fields.fields {
                let syn::Member::Named(name) = &field.member else { continue };
                inner(Some(Step::Field(name.to_string())), &field.pat, steps);
            }
        }
        _ => {}
    }
}

/// The search, from the constructors to the texts.
struct Reading<'a> {
    reader: &'a Reader,
    found: Texts,
    sinks: Vec<(Sink, Kind)>,
    /// What was followed already: an expression of the sources, for which part, and the steps into it.
    followed: HashSet<(*const (), Kind, Vec<Step>)>,
}

/// Where an expression stands, and what is asked of it.
#[derive(Clone, Copy)]
struct Scope<'a> {
    source: usize,
    function: Option<usize>,
    kind: Kind,
    steps: &'a [Step],
}

impl Reading<'_> {
    fn add(&mut self, sink: Sink, kind: Kind) {
        if !self.sinks.contains(&(sink.clone(), kind)) {
            self.sinks.push((sink, kind));
        }
    }

    /// Returns whether this was not followed yet; a variable or a function may use itself.
    fn is_new<T>(&mut self, followed: &T, kind: Kind, steps: &[Step]) -> bool {
        // A variable whose value is a member of itself, as in a loop, has no new texts.
        steps.len() < MAX_STEPS
            && self.followed.insert((std::ptr::from_ref(followed).cast(), kind, steps.to_vec()))
    }

    fn place(&self, source: usize, expr: &Expr) -> String {
        format!("{}:{}", self.reader.sources[source].name, expr.span().start().line)
    }

    fn unseen(&mut self, expr: &Expr, scope: Scope) {
        if scope.kind != Kind::Part {
            let place = self.place(scope.source, expr);
            self.found.unseen.insert(place);
        }
    }

    /// Finds what arrives at a sink.
    fn follow(&mut self, sink: &Sink, kind: Kind) {
        let reader = self.reader;
        for (source, function, expr) in &reader.uses {
            let (source, function) = (*source, *function);
            if let Some(value) = self.arriving(sink, source, expr) {
                // What makes errors of texts is followed through its parameters.
                if !reader.sources[source].name.starts_with("src/error/mod.rs") {
                    self.text(value, Scope { source, function, kind, steps: &[] });
                }
            }
        }
    }

    fn arriving<'e>(&self, sink: &Sink, source: usize, expr: &'e Expr) -> Option<&'e Expr> {
        match (sink, expr) {
            (Sink::Field(name), Expr::Struct(found)) => {
                let field = found.fields.iter().find(
                    |field| matches!(&field.member, syn::Member::Named(member) if member == name),
                )?;
                Some(&field.expr)
            }
            (Sink::Named(name, index), Expr::MethodCall(call)) => {
                (*name == format!(".{}", call.method)).then(|| call.args.get(*index)).flatten()
            }
            (Sink::Named(name, index), Expr::Call(call)) => {
                let path = path_of(&call.func)?;
                let path = path.join("::");
                let is_called = path
                    .strip_suffix(&**name)
                    .is_some_and(|before| before.is_empty() || before.ends_with("::"));
                is_called.then(|| call.args.get(*index)).flatten()
            }
            (Sink::Argument { name, index, is_method: true, .. }, Expr::MethodCall(call)) => {
                (call.method == name).then(|| call.args.get(*index)).flatten()
            }
            (
                Sink::Argument { source: defined, owner, name, index, is_method: false },
                Expr::Call(call),
            ) => {
                let path = path_of(&call.func)?;
                let is_called = path.last().is_some_and(|last| last == name)
                    && self.leads_to(source, &path, *defined, owner.as_deref());
                is_called.then(|| call.args.get(*index)).flatten()
            }
            _ => None,
        }
    }

    /// Returns whether the path of a call in a file leads to the function that another file defines.
    fn leads_to(&self, source: usize, path: &[String], to: usize, owner: Option<&str>) -> bool {
        let (name, before) = (path.last().unwrap(), path.iter().rev().nth(1));
        let sources = &self.reader.sources;
        match (owner, before) {
            (Some(owner), Some(before)) => before == owner || before == "Self" && source == to,
            (None, Some(before)) if before != "super" && before != "self" => {
                sources[to].module == *before || before == "ims"
            }
            (Some(_), None) => false,
            (None, _) => {
                let defines = |source: usize| {
                    self.reader.functions.iter().any(|function| {
                        function.source == source
                            && function.name == *name
                            && function.owner.is_none()
                    })
                };
                if source == to || defines(source) {
                    return source == to;
                }
                let import = sources[source].imports.iter().find(|(import, _)| import == name);
                let Some((_, module)) = import else { return false };
                let exact = (0..sources.len())
                    .filter(|&other| sources[other].module == *module && defines(other))
                    .collect::<Vec<_>>();
                exact.is_empty() || exact.contains(&to)
            }
        }
    }

    /// Adds the texts that an expression may have.
    fn text(&mut self, expr: &Expr, scope: Scope) {
        match expr {
            Expr::Lit(lit) => {
                if let syn::Lit::Str(text) = &lit.lit {
                    self.written(text.value(), expr, scope);
                }
            }
            Expr::Macro(found) => self.of_macro(expr, &found.mac, scope),
            Expr::Reference(inner) => self.text(&inner.expr, scope),
            Expr::Unary(inner) => self.text(&inner.expr, scope),
            Expr::Paren(inner) => self.text(&inner.expr, scope),
            Expr::Group(inner) => self.text(&inner.expr, scope),
            Expr::Try(inner) => self.text(&inner.expr, scope),
            Expr::Closure(closure) => self.text(&closure.body, scope),
            Expr::Array(array) => array.elems.iter().for_each(|elem| self.text(elem, scope)),
            Expr::Index(index) => self.text(&index.expr, scope),
            Expr::Block(block) => self.of_block(&block.block, scope),
            Expr::Unsafe(block) => self.of_block(&block.block, scope),
            Expr::If(found) => {
                self.of_block(&found.then_branch, scope);
                if let Some((_, otherwise)) = &found.else_branch {
                    self.text(otherwise, scope);
                }
            }
            Expr::Match(found) => found.arms.iter().for_each(|arm| self.text(&arm.body, scope)),
            Expr::Return(_) | Expr::Continue(_) | Expr::Break(_) => {}
            // Its texts are its fields'.
            Expr::Struct(_) => {}
            Expr::Tuple(tuple) => match scope.steps.split_first() {
                Some((Step::Element(index), steps)) => {
                    if let Some(elem) = tuple.elems.get(*index) {
                        self.text(elem, Scope { steps, ..scope });
                    }
                }
                _ => self.unseen(expr, scope),
            },
            Expr::Field(field) => match &field.member {
                // Its texts are followed where the struct is made.
                syn::Member::Named(name) if FIELDS.iter().any(|(known, _)| name == known) => {}
                syn::Member::Named(_) => self.unseen(expr, scope),
                syn::Member::Unnamed(index) => {
                    let mut steps = vec![Step::Element(index.index as usize)];
                    steps.extend_from_slice(scope.steps);
                    self.text(&field.base, Scope { steps: &steps, ..scope });
                }
            },
            Expr::Path(_) => self.of_path(expr, scope),
            Expr::Call(call) => self.of_call(expr, call, scope),
            Expr::MethodCall(call) => self.of_method(expr, call, scope),
            _ => self.unseen(expr, scope),
        }
    }

    fn written(&mut self, text: String, expr: &Expr, scope: Scope) {
        let place = self.place(scope.source, expr);
        self.found.texts.insert(Text { kind: scope.kind, text, place });
    }

    fn of_block(&mut self, block: &Block, scope: Scope) {
        match block.stmts.last() {
            Some(Stmt::Expr(expr, None)) => self.text(expr, scope),
            Some(Stmt::Macro(found)) if found.semi_token.is_none() => {
                let expr =
                    Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: found.mac.clone() });
                self.text(&expr, scope);
            }
            // It ends otherwise, such as by `return`.
            _ => {}
        }
    }

    fn of_macro(&mut self, expr: &Expr, found: &syn::Macro, scope: Scope) {
        let name = found.path.segments.last().unwrap().ident.to_string();
        let parsed = arguments(found);
        match (&*name, parsed) {
            ("format", Some(arguments)) => {
                let Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) =
                    arguments.first()
                else {
                    return self.unseen(expr, scope);
                };
                let (text, names) = without_values(&text.value());
                let is_text = text.chars().any(char::is_alphabetic);
                // The values may be parts of the text, or alone be the text.
                let is_whole = !is_text && arguments.len() + names.len() <= 2;
                let kind = if is_whole { scope.kind } else { Kind::Part };
                let scope = Scope { steps: &[], ..scope };
                for value in arguments.iter().skip(1) {
                    let value = match value {
                        Expr::Assign(named) => &named.right,
                        value => value,
                    };
                    self.text(value, Scope { kind, ..scope });
                }
                for name in names {
                    if let Ok(value) = syn::parse_str::<Expr>(&name) {
                        self.text(&value, Scope { kind, ..scope });
                    }
                }
                if is_text {
                    self.written(text, expr, scope);
                }
            }
            ("vec" | "concat", Some(arguments)) => {
                arguments.iter().for_each(|argument| self.text(argument, scope));
            }
            ("unreachable" | "panic", _) => {}
            _ => self.unseen(expr, scope),
        }
    }

    fn of_path(&mut self, expr: &Expr, scope: Scope) {
        let Some(path) = path_of(expr) else { return self.unseen(expr, scope) };
        let name = path.last().unwrap();
        if name == "None" || name == "self" {
            return;
        }
        let reader = self.reader;
        let function = scope.function.map(|function| &reader.functions[function]);
        let mut is_found = false;
        if let (1, Some(function)) = (path.len(), function) {
            for binding in function.bindings.iter().filter(|binding| binding.name == *name) {
                is_found = true;
                // A member of a variant is what its constructor gets.
                let steps = [binding.steps.as_slice(), scope.steps].concat();
                match steps.iter().rev().find(|step| !matches!(step, Step::Element(_))) {
                    Some(Step::Variant(variant, index)) => {
                        self.add(Sink::Named(variant.clone(), *index), scope.kind);
                    }
                    Some(Step::Field(field)) if FIELDS.iter().any(|(known, _)| field == known) => {}
                    Some(Step::Field(_)) => self.unseen(expr, scope),
                    Some(Step::Error) => self.of_error(&binding.value, expr, scope),
                    _ if self.is_new(&binding.value, scope.kind, &steps) => {
                        self.text(&binding.value, Scope { steps: &steps, ..scope });
                    }
                    _ => {}
                }
            }
            if let Some(index) = function.parameters.iter().position(|known| known == name) {
                is_found = true;
                let Function { source, owner, name, is_method, .. } = function;
                let (source, owner, name, is_method) =
                    (*source, owner.clone(), name.clone(), *is_method);
                self.add(Sink::Argument { source, owner, name, index, is_method }, scope.kind);
            }
        }
        if is_found {
            return;
        }
        let constants = reader.constants.iter().filter(|(_, constant, _)| constant == name);
        let own: Vec<_> = constants.clone().filter(|(at, ..)| *at == scope.source).collect();
        let constants = if own.is_empty() { constants.collect() } else { own };
        for (source, _, value) in &constants {
            self.text(value, Scope { source: *source, function: None, ..scope });
        }
        let is_function = reader.functions.iter().any(|function| function.name == *name);
        if constants.is_empty() && !is_function {
            self.unseen(expr, scope);
        }
    }

    /// Adds the texts that a function returns as its error.
    fn of_error(&mut self, value: &Expr, expr: &Expr, scope: Scope) {
        let Expr::Call(call) = value else { return self.unseen(expr, scope) };
        let functions = self.functions(&call.func, scope);
        if functions.is_empty() {
            self.unseen(expr, scope);
        }
        for function in functions {
            let Function { source, body, .. } = &self.reader.functions[function];
            if self.is_new(body, scope.kind, &[Step::Error]) {
                let scope =
                    Scope { source: *source, function: Some(function), steps: &[], ..scope };
                let mut errors = Errors(Vec::new());
                errors.visit_block(body);
                errors.0.iter().for_each(|error| self.text(error, scope));
            }
        }
    }

    /// Returns the functions that a call may mean.
    fn functions(&self, called: &Expr, scope: Scope) -> Vec<usize> {
        let Some(path) = path_of(called) else { return Vec::new() };
        let is_meant = |function: &usize| {
            let found = &self.reader.functions[*function];
            Some(&found.name) == path.last()
                && self.leads_to(scope.source, &path, found.source, found.owner.as_deref())
        };
        (0..self.reader.functions.len()).filter(is_meant).collect()
    }

    fn of_call(&mut self, expr: &Expr, call: &syn::ExprCall, scope: Scope) {
        let Some(path) = path_of(&call.func) else { return self.unseen(expr, scope) };
        let name = path.last().unwrap();
        match (&**name, call.args.first()) {
            ("Err", _) | ("new", None) => {}
            (name, _) if VALUES.contains(&name) => {}
            ("Some" | "Ok" | "Owned" | "Borrowed" | "from" | "one_line", Some(value)) => {
                self.text(value, scope);
            }
            // Errors and problems of others are followed where they are made.
            _ => {
                let functions = self.functions(&call.func, scope);
                if functions.is_empty() {
                    self.unseen(expr, scope);
                }
                functions.into_iter().for_each(|function| self.returned(function, scope));
            }
        }
    }

    fn of_method(&mut self, expr: &Expr, call: &syn::ExprMethodCall, scope: Scope) {
        let name = call.method.to_string();
        if TRANSPARENT.contains(&&*name) {
            self.text(&call.receiver, scope);
        } else if OTHERWISE.contains(&&*name) {
            self.text(&call.receiver, scope);
            call.args.iter().for_each(|argument| self.text(argument, scope));
        } else if MAPPED.contains(&&*name) {
            for argument in &call.args {
                // A function's name, such as `str::to_owned`: it changes the text's type only.
                let is_name = matches!(argument, Expr::Path(_)) && name != "then_some";
                self.text(if is_name { &call.receiver } else { argument }, scope);
            }
        } else if SHOWS.contains(&&*name) && call.args.is_empty() {
            // An error's, which is followed where the error is made.
        } else {
            let reader = self.reader;
            let functions: Vec<usize> = (0..reader.functions.len())
                .filter(|&function| {
                    let found = &reader.functions[function];
                    found.name == name
                        && found.is_method
                        && found.parameters.len() == call.args.len()
                })
                .collect();
            if functions.is_empty() {
                self.unseen(expr, scope);
            }
            functions.into_iter().for_each(|function| self.returned(function, scope));
        }
    }

    /// Adds the texts that a function returns.
    fn returned(&mut self, function: usize, scope: Scope) {
        let reader = self.reader;
        let Function { source, body, .. } = &reader.functions[function];
        if !self.is_new(body, scope.kind, scope.steps) {
            return;
        }
        let scope = Scope { source: *source, function: Some(function), ..scope };
        self.of_block(body, scope);
        let mut returns = Returns(Vec::new());
        returns.visit_block(body);
        returns.0.iter().for_each(|expr| self.text(expr, scope));
    }
}

/// What a function returns before its end.
struct Returns(Vec<Expr>);

impl<'ast> Visit<'ast> for Returns {
    fn visit_expr_return(&mut self, found: &'ast syn::ExprReturn) {
        self.0.extend(found.expr.as_deref().cloned());
    }

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
}

/// The errors that a function makes.
struct Errors(Vec<Expr>);

impl<'ast> Visit<'ast> for Errors {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Call(call) if path_of(&call.func).is_some_and(|path| path == ["Err"]) => {
                self.0.extend(call.args.first().cloned());
            }
            Expr::MethodCall(call) if call.method == "ok_or" || call.method == "map_err" => {
                self.0.extend(call.args.first().cloned());
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }
}

fn path_of(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::Path(path) => {
            Some(path.path.segments.iter().map(|segment| segment.ident.to_string()).collect())
        }
        _ => None,
    }
}

/// Returns a format with `{}` for each value, and the variables that it names.
fn without_values(format: &str) -> (String, Vec<String>) {
    let (mut text, mut names) = (String::new(), Vec::new());
    let mut rest = format;
    while let Some(place) = rest.find(['{', '}']) {
        text.push_str(&rest[..place]);
        let brace = &rest[place..=place];
        rest = &rest[place + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
        } else if let Some((value, after)) = rest.split_once('}') {
            let name = value.split(':').next().unwrap_or_default();
            if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                names.push(name.to_owned());
            }
            text.push_str("{}");
            rest = after;
        }
    }
    text.push_str(rest);
    (text, names)
}
