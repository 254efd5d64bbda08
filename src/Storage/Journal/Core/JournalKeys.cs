using System.Runtime.InteropServices;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal.Core;

internal readonly record struct PackageRef(TenantId Tenant, PackageId Id);

internal readonly record struct PathRef(PackageRef Package, string Path);

internal readonly record struct ContentRef(TenantId Tenant, Digest256 Blake3);

/// <summary>Where at most one location is live: a content in a backend.</summary>
internal readonly record struct SlotRef(TenantId Tenant, BackendId Backend, Digest256 Blake3)
{
    public ContentRef Content => new(Tenant, Blake3);
}

[StructLayout(LayoutKind.Auto)]
internal readonly record struct GenerationRef(SlotRef Slot, int Generation);

/// <summary>One reference: that of a file, or that of a package by its manifest.</summary>
internal readonly record struct KeeperRef(SlotRef Slot, Keeper Keeper);

internal readonly record struct HoldRef(TenantId Tenant, HoldId Hold);

internal readonly record struct CoverRef(TenantId Tenant, HoldCover Cover);

internal readonly record struct IdempotencyRef(TenantId Tenant, string Actor, string Key);
