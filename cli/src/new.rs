//! `ims new`: a credentials file to fill in, for a server that is known.

use clap::builder::PossibleValuesParser;

use ims::{Error, Secret};

/// The recipes, by the name of their server. A recipe is a credentials file.
const RECIPES: [(&str, &str); 23] = [
    ("adobe", include_str!("../recipes/adobe.json")),
    ("adobe-oauth", include_str!("../recipes/adobe-oauth.json")),
    ("anthropic", include_str!("../recipes/anthropic.json")),
    ("auth0", include_str!("../recipes/auth0.json")),
    ("box", include_str!("../recipes/box.json")),
    ("docusign", include_str!("../recipes/docusign.json")),
    ("entra", include_str!("../recipes/entra.json")),
    ("entra-federated", include_str!("../recipes/entra-federated.json")),
    ("github-actions", include_str!("../recipes/github-actions.json")),
    ("google", include_str!("../recipes/google.json")),
    ("google-external", include_str!("../recipes/google-external.json")),
    ("keycloak", include_str!("../recipes/keycloak.json")),
    ("kubernetes", include_str!("../recipes/kubernetes.json")),
    ("maskinporten", include_str!("../recipes/maskinporten.json")),
    ("mcp", include_str!("../recipes/mcp.json")),
    ("netsuite", include_str!("../recipes/netsuite.json")),
    ("nhs", include_str!("../recipes/nhs.json")),
    ("okta", include_str!("../recipes/okta.json")),
    ("openai", include_str!("../recipes/openai.json")),
    ("openrouter", include_str!("../recipes/openrouter.json")),
    ("salesforce", include_str!("../recipes/salesforce.json")),
    ("smart", include_str!("../recipes/smart.json")),
    ("zitadel", include_str!("../recipes/zitadel.json")),
];

/// Print a credentials file for a server, to fill in what is in capital letters
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims new okta > credentials.json
  ims doctor credentials.json")]
pub(super) struct NewArgs {
    /// The server, by its vendor or by what it is for
    #[arg(value_name = "SERVER", value_parser = servers())]
    server: String,
}

fn servers() -> PossibleValuesParser {
    RECIPES.map(|(server, _)| server).into()
}

pub(super) fn run(args: &NewArgs) -> Result<Secret, Error> {
    let recipe = RECIPES.iter().find(|(server, _)| *server == args.server);
    let recipe = recipe.map_or("", |(_, recipe)| recipe.trim_end());
    Ok(Secret::from(recipe))
}
