//! `declare_rule!`: one `static` for each rule, with its documentation as data.

/// Declares a rule. The doc comment becomes the rule's documentation, word for word.
///
/// ```ignore
/// declare_rule! {
///     /// ## What it checks
///     /// …
///     pub static MISSING_CLAIM_ID = {
///         code: "CLM001", name: "missing-claim-id", title: "Missing claim id",
///         fix: "…", scope: Line, category: Claim, severity: Error, since: "0.1.0",
///         reads: [ClaimId], needs: [ClaimId], build: MissingClaimId::build,
///     }
/// }
/// ```
#[macro_export]
macro_rules! declare_rule {
    (
        $(#[doc = $doc:literal])+
        pub static $ident:ident = {
            code: $code:literal, name: $name:literal, title: $title:literal,
            fix: $fix:literal, scope: $scope:ident, category: $category:ident,
            severity: $severity:ident, since: $since:literal,
            reads: [$($reads:ident),* $(,)?], needs: [$($needs:ident),* $(,)?],
            build: $build:expr $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        pub static $ident: $crate::lint::Rule = $crate::lint::Rule {
            info: $crate::model::RuleInfo {
                code: $code,
                name: $name,
                title: $title,
                fix: $fix,
                scope: $crate::model::Scope::$scope,
                category: $crate::model::RuleCategory::$category,
                severity: $crate::model::Severity::$severity,
                since: $since,
                reads: &[$($crate::model::Field::$reads,)*],
                needs: &[$($crate::model::Field::$needs,)*],
                doc: concat!($($doc, "\n",)+),
                file: file!(),
                own: None,
            },
            build: $crate::lint::Build::Native($build),
        };
    };
}
