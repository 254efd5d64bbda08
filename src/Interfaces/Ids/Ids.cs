using System.Diagnostics.CodeAnalysis;

namespace ArtifactStore.Interfaces.Ids;

/// <summary>
/// Who owns a piece of the store. One tenant ("default") until the control plane arrives; the column is everywhere from day one.
/// </summary>
public readonly partial record struct TenantId(string Value)
{
    public static readonly TenantId Default = new("default");
    public override string ToString() => Value;
}

/// <summary>Ids are version 7 UUIDs: they sort by creation, so indexes on them grow at one end.</summary>
public readonly partial record struct PackageId(Guid Value) : ISpanParsable<PackageId>
{
    public override string ToString() => Value.ToString("D");
    public static PackageId Parse(string s, IFormatProvider? provider) => new(Guid.ParseExact(s, "D"));
    public static PackageId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => new(Guid.ParseExact(s, "D"));
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PackageId result) =>
        TryParse(s.AsSpan(), provider, out result);
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out PackageId result)
    {
        var ok = Guid.TryParseExact(s, "D", out var value);
        result = new(value);
        return ok;
    }
}

public readonly partial record struct FileId(Guid Value) : ISpanParsable<FileId>
{
    public override string ToString() => Value.ToString("D");
    public static FileId Parse(string s, IFormatProvider? provider) => new(Guid.ParseExact(s, "D"));
    public static FileId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => new(Guid.ParseExact(s, "D"));
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out FileId result) =>
        TryParse(s.AsSpan(), provider, out result);
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out FileId result)
    {
        var ok = Guid.TryParseExact(s, "D", out var value);
        result = new(value);
        return ok;
    }
}

/// <summary>Names one hold among those that stand.</summary>
public readonly partial record struct HoldId(Guid Value) : ISpanParsable<HoldId>
{
    public override string ToString() => Value.ToString("D");
    public static HoldId Parse(string s, IFormatProvider? provider) => new(Guid.ParseExact(s, "D"));
    public static HoldId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => new(Guid.ParseExact(s, "D"));
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out HoldId result) =>
        TryParse(s.AsSpan(), provider, out result);
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out HoldId result)
    {
        var ok = Guid.TryParseExact(s, "D", out var value);
        result = new(value);
        return ok;
    }
}

/// <summary>Names one plan of what may be deleted.</summary>
public readonly partial record struct PlanId(Guid Value) : ISpanParsable<PlanId>
{
    public override string ToString() => Value.ToString("D");
    public static PlanId Parse(string s, IFormatProvider? provider) => new(Guid.ParseExact(s, "D"));
    public static PlanId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => new(Guid.ParseExact(s, "D"));
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PlanId result) =>
        TryParse(s.AsSpan(), provider, out result);
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out PlanId result)
    {
        var ok = Guid.TryParseExact(s, "D", out var value);
        result = new(value);
        return ok;
    }
}

/// <summary>Names one append for ever: a repeat of the same append is recognised by it, whatever became of the first answer.</summary>
public readonly partial record struct AppendId(Guid Value)
{
    public override string ToString() => Value.ToString("N");
}

/// <summary>One attempt to bring bytes in. Random, never reused; names the staged bytes and owns the reservation.</summary>
public readonly partial record struct AttemptId(Guid Value)
{
    public override string ToString() => Value.ToString("N");
}

/// <summary>One run of one process that works on a store.</summary>
public readonly partial record struct NodeId(Guid Value)
{
    public override string ToString() => Value.ToString("N");
    public static bool TryParse(ReadOnlySpan<char> s, out NodeId result)
    {
        var ok = Guid.TryParseExact(s, "N", out var value);
        result = new(value);
        return ok;
    }
}

/// <summary>Makes new ids. A port, because the simulation decides what is random.</summary>
public interface IIds
{
    Guid Next();
}
