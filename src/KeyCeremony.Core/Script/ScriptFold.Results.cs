namespace KeyCeremony.Core.Script;

/// <summary>The model's part that shows results.</summary>
internal sealed partial class ScriptFold
{
    private bool _resultsShown;

    private void TakeShowResults()
    {
        NeedBefore(_ledgerRead, "ledger", "results are shown, because they come from it");
        if (_resultsShown) Error(CheckRules.Results, "Results are shown twice.", "Show them once, when all are made.");
        _resultsShown = true;
    }

    private void WarnBehindResults(Step step)
    {
        if (_resultsShown && step is SignCertificateStep or SignCrlStep or SignManifestsStep or SignReleaseStep
            or WithdrawReleaseStep or BackupKeyStep)
            Warn(CheckRules.Results, "Something is made after the results were shown.",
                "Move `do: show-results` down: this result leaves by the export stick only.");
    }
}
