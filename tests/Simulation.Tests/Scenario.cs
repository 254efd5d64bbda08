using FsCheck;
using FsCheck.Fluent;

namespace ArtifactStore.Simulation.Tests;

internal enum Verb
{
    Push = 0,
    Link = 1,
    Finalize = 2,
    Read = 3,
    Delete = 4,
    HoldPackage = 5,
    HoldContent = 6,
    HoldSubject = 7,
    HoldEverything = 8,
    Release = 9,
    Extend = 10,
    Sweep = 11,
    Collect = 12,
    Jump = 13,
    Crash = 14,
}

/// <param name="Client">Who does it; each does one thing after the other.</param>
/// <param name="Node">Through which node.</param>
/// <param name="Verb">What.</param>
/// <param name="Package">Which of the few packages, or how far a clock jumps.</param>
/// <param name="Content">Which of the few contents.</param>
internal sealed record Command(int Client, int Node, Verb Verb, int Package, int Content)
{
    public override string ToString() => $"{Client}>{Node} {Verb} p{Package} c{Content}";
}

/// <summary>One run: what clients want, and the row of choices that decides how everything interleaves and fails.</summary>
internal sealed record Scenario(IReadOnlyList<Command> Commands, ulong Choices, int ChoiceCount, int FaultsOf256)
{
    public const int Clients = 3;
    public const int Nodes = 2;
    public const int Packages = 3;
    public const int Contents = 2;
    private const int MostCommands = 24;
    private const int MostChoices = 4096;

    public static Arbitrary<Scenario> Any { get; } = Arb.From(Generator(), Shrink);

    public override string ToString() =>
        $"[{string.Join(", ", Commands)}] choices {Choices} x {ChoiceCount}, faults {FaultsOf256}/256";

    private static Gen<Scenario> Generator()
    {
        var verb = Gen.Frequency(
            (10, Gen.Constant(Verb.Push)), (3, Gen.Constant(Verb.Link)), (3, Gen.Constant(Verb.Finalize)), (3, Gen.Constant(Verb.Read)),
            (6, Gen.Constant(Verb.Delete)), (1, Gen.Constant(Verb.HoldPackage)), (1, Gen.Constant(Verb.HoldContent)),
            (1, Gen.Constant(Verb.HoldSubject)), (1, Gen.Constant(Verb.HoldEverything)), (3, Gen.Constant(Verb.Release)),
            (1, Gen.Constant(Verb.Extend)), (1, Gen.Constant(Verb.Sweep)), (7, Gen.Constant(Verb.Collect)), (1, Gen.Constant(Verb.Jump)),
            (1, Gen.Constant(Verb.Crash)));
        var command =
            from client in Gen.Choose(0, Clients - 1)
            from node in Gen.Choose(0, Nodes - 1)
            from what in verb
            from package in Gen.Choose(0, Packages - 1)
            from content in Gen.Choose(0, Contents - 1)
            select new Command(client, node, what, package, content);
        return
            from count in Gen.Choose(4, MostCommands)
            from commands in command.ArrayOf(count)
            from high in Gen.Choose(0, int.MaxValue)
            from low in Gen.Choose(0, int.MaxValue)
            from faults in Gen.Elements(0, 8, 24)
            select new Scenario(commands, ((ulong)high << 32) | (uint)low, MostChoices, faults);
    }

    /// <summary>Fewer commands, no faults, then fewer choices.</summary>
    private static IEnumerable<Scenario> Shrink(Scenario failed)
    {
        for (var i = 0; i < failed.Commands.Count; i++) yield return failed with { Commands = [.. failed.Commands.Take(i), .. failed.Commands.Skip(i + 1)] };
        if (failed.FaultsOf256 > 0) yield return failed with { FaultsOf256 = 0 };
        for (var less = failed.ChoiceCount; less > 0; less /= 2) yield return failed with { ChoiceCount = failed.ChoiceCount - less };
    }
}
