using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>The part of <see cref="AppendCheck"/> that is about keeping: no way leads past the gate, whatever a caller forgets.</summary>
internal static class RetentionCheck
{
    public static string? FindFault(Append append, in StreamId stream)
    {
        var package = BatchQuestions.PackageOf(stream);
        foreach (var condition in append.Conditions)
        {
            if (condition is Condition.PackageNotHeld gate && gate.Tenant == package.Tenant && gate.Package == package.Id) return null;
        }
        return $"the package {package.Id} would go without asking the gate";
    }

    public static string? FindFault(BatchState state, Append append, in StreamId stream, HoldApplied hold)
    {
        // One hold an append: two of the same id could not be told apart here.
        if (append.Events.Length > 1) return "a hold is applied by an append of its own";
        if (state.Holds[new(stream.Tenant, hold.Hold)] is not null) return $"the hold {hold.Hold} stands already";
        var ofPackage = stream.Kind == SubjectKind.Package && stream.Id == hold.Covers;
        var ofItsOwn = stream.Kind == SubjectKind.Hold && stream.Id == hold.Hold.ToString();
        if (hold.Kind == HoldKind.Package ? !ofPackage : !ofItsOwn) return "the hold is on a stream that is not its";
        if (hold.Kind == HoldKind.Package && state.Packages[BatchQuestions.PackageOf(stream)] is not { Stands: true })
            return "the hold is on a package that is going or gone";
        return hold.Kind == HoldKind.Content ? FindDangling(state, append, BatchQuestions.ContentOf(stream, hold)) : null;
    }

    /// <summary>Such a hold is a reference, and a reference has a location that is live.</summary>
    private static string? FindDangling(BatchState state, Append append, ContentRef content)
    {
        if (state.ContentKeys[content] is null) return $"there is no content {content.Blake3}";
        foreach (var condition in append.Conditions)
        {
            if (condition is Condition.LocationLive live && live.Tenant == content.Tenant && live.Content == content.Blake3) return null;
        }
        return $"the hold on content {content.Blake3} does not prove that it is live";
    }
}
