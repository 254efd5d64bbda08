using System.Diagnostics.CodeAnalysis;

namespace ArtifactStore.Interfaces.Errors;

/// <summary>One line of the catalogue: what every door needs to render a refusal in its own dialect.</summary>
public sealed record ErrorKind(string Code, int Status, string Title, bool Retryable, string Help);

/// <summary>
/// A refusal is a value. <paramref name="Code"/> names its line in <see cref="ErrorCatalogue"/>; the detail is for this one case.
/// </summary>
public sealed partial record Error(string Code, string Detail)
{
    public ErrorKind Kind => ErrorCatalogue.Get(Code);
}

/// <summary>Either a value or a refusal.</summary>
public readonly partial record struct Outcome<T>
{
    public Outcome(T value) => Value = value;
    public Outcome(Error error) => Error = error;

    public T? Value { get; init; }
    public Error? Error { get; init; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;

    public static implicit operator Outcome<T>(T value) => new(value);
    public static implicit operator Outcome<T>(Error error) => new(error);

    public Outcome<TNext> Then<TNext>(Func<T, Outcome<TNext>> next) => Succeeded ? next(Value) : Error;
}
