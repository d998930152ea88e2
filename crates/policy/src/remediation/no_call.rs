//! Why an action has no call for a resource.

use super::TAGS;
use crate::exposure::DocumentFault;

/// Why an action has no call for a resource, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCall {
    #[error("its tags could not be read, so nothing is known of them")]
    UnreadTags,
    #[error("it would have more than {TAGS} tags")]
    TooManyTags,
    #[error("it is so already")]
    NoChange,
    #[error("of a parameter, tags alone can be changed here")]
    OnlyTags,
    #[error("it is a replica: its primary is to be changed")]
    Replica,
    #[error("{0} manages it: it is to be changed there")]
    Managed(String),
    #[error("it is pending deletion")]
    PendingDeletion,
    #[error("it is not pending deletion")]
    NotPendingDeletion,
    #[error(
        "it is a managed external secret ({0}): name the role with which Secrets Manager rotates it, and the partner's metadata"
    )]
    ManagedExternal(String),
    #[error("no rotation function is named, and it has none of its own")]
    NoFunction,
    #[error("its rotation is off")]
    RotationOff,
    #[error("it has replicas: they are to be removed first")]
    HasReplicas,
    #[error("it lies in that Region itself")]
    OwnRegion,
    #[error("its replicas were not read, so nothing is known of them")]
    UnreadReplicas,
    #[error("its resource policy was not read, so nothing is known of it")]
    UnreadPolicy,
    #[error("it has no resource policy")]
    NoPolicy,
    #[error("its resource policy cannot be understood")]
    InvalidPolicy,
    #[error("no single statement fails the check")]
    NoFailingStatement,
    #[error("what remains of its resource policy would still not pass")]
    StillFails,
    #[error("a check says which statements fail: plan this from its finding")]
    NoCheck,
    #[error("its versions were not read, so nothing is known of them")]
    UnreadVersions,
    #[error("it has no previous version")]
    NoPrevious,
    #[error("it has no version {0}, or AWS keeps no value of it")]
    NoSuchVersion(String),
    #[error("that version is the current one")]
    IsCurrent,
    #[error(
        "that version has AWSPENDING: a rotation has not finished with it, so you can't roll back to it"
    )]
    IsPending,
    #[error(
        "its password was changed in the target system after that version was made, so the old value no longer works there: rotate it instead"
    )]
    ChangedInTarget,
    #[error("no version has AWSPENDING")]
    NoPending,
    #[error("AWSPENDING is on the current version, which is normal")]
    PendingIsCurrent,
    #[error(transparent)]
    Document(#[from] DocumentFault),
}
