using ArtifactStore.Interfaces.Errors;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>
/// A body that turned out to be unacceptable while a backend was reading it. The only refusal that is thrown: a stream has no other way to
/// tell its reader that the bytes so far are worth nothing. The boundary renders it as the refusal that it carries.
/// </summary>
public sealed class RefusedBodyException(Error error) : IOException(error.Detail)
{
    public Error Error { get; } = error;
}
