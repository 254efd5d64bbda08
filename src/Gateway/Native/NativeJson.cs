using System.Text.Json.Serialization;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Gateway.Shared.Http;

namespace ArtifactStore.Gateway.Native;

/// <summary>Every body of this door, serialized by generated code: snake_case, nulls written, nothing found by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(CanonicalDocumentConverter), typeof(TimeConverter)])]
[JsonSerializable(typeof(Banner))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(CreatePackageRequest))]
[JsonSerializable(typeof(PackageBody))]
[JsonSerializable(typeof(PackagePage))]
[JsonSerializable(typeof(FileBody))]
[JsonSerializable(typeof(FilePage))]
[JsonSerializable(typeof(LinkFileRequest))]
[JsonSerializable(typeof(LinkFilesRequest))]
[JsonSerializable(typeof(LinkPage))]
[JsonSerializable(typeof(MissingRequest))]
[JsonSerializable(typeof(MissingBody))]
[JsonSerializable(typeof(RegisterSchemaRequest))]
[JsonSerializable(typeof(SchemaBody))]
[JsonSerializable(typeof(SchemaPage))]
[JsonSerializable(typeof(RetentionClassPage))]
[JsonSerializable(typeof(RetentionBody))]
[JsonSerializable(typeof(RetentionHistoryPage))]
[JsonSerializable(typeof(ExtendRetentionRequest))]
[JsonSerializable(typeof(ApplyPackageHoldRequest))]
[JsonSerializable(typeof(ApplyHoldRequest))]
[JsonSerializable(typeof(HoldBody))]
[JsonSerializable(typeof(HoldPage))]
[JsonSerializable(typeof(SweepBody))]
[JsonSerializable(typeof(CollectionBody))]
[JsonSerializable(typeof(PlanBody))]
[JsonSerializable(typeof(PlanPage))]
[JsonSerializable(typeof(PlannedPackagePage))]
[JsonSerializable(typeof(ExplanationBody))]
[JsonSerializable(typeof(SpaceBody))]
[JsonSerializable(typeof(EventPageBody))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ReplayBody))]
[JsonSerializable(typeof(RecountBody))]
[JsonSerializable(typeof(VerificationPage))]
[JsonSerializable(typeof(MovePage))]
[JsonSerializable(typeof(ScanPage))]
public sealed partial class NativeJson : JsonSerializerContext;
