//! Work that goes on when its caller goes away.

use crate::ServiceError;
use claviger_domain::authz::Caller;
use claviger_store::{current_request, for_request};
use tracing::Instrument;

/// Runs a use case as a task of its own, so that it's done to its end although the request in which it came is dropped: a
/// browser that goes away cuts no write and no call to AWS in two. `work` is given a service and a caller that it owns.
/// The task keeps the span and the request id.
pub(crate) async fn uncancelled<S, T, F>(
    service: &S,
    caller: &Caller,
    work: impl FnOnce(S, Caller) -> F,
) -> Result<T, ServiceError>
where
    S: Clone,
    T: Send + 'static,
    F: Future<Output = Result<T, ServiceError>> + Send + 'static,
{
    // On the heap: what is awaited within is large.
    let work = Box::pin(work(service.clone(), caller.clone()));
    let task = tokio::spawn(for_request(current_request(), work).in_current_span());
    task.await.map_err(ServiceError::task)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::{authz::Person, http_request::HttpRequestId, problem::ProblemCode};
    use std::time::Duration;
    use tokio::sync::mpsc;

    fn caller() -> Caller {
        Caller::new(Person::new("ben", Some("Ben"), None), &[], &[])
    }

    #[tokio::test]
    async fn work_goes_on_when_its_caller_goes_away() {
        let (begun, mut has_begun) = mpsc::channel(1);
        let (done, mut is_done) = mpsc::channel(1);
        let request = tokio::spawn(async move {
            uncancelled(&(begun, done), &caller(), |(begun, done), caller| async move {
                begun.send(()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
                done.send(caller.person.subject).await.unwrap();
                Ok(())
            })
            .await
        });
        has_begun.recv().await.unwrap();
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
        assert_eq!(is_done.recv().await.as_deref(), Some("ben"));
    }

    #[tokio::test]
    async fn the_task_works_for_the_same_request() {
        let id: HttpRequestId = "r-1".parse().unwrap();
        let (caller, seen) = (caller(), |(), _| async move { Ok(current_request()) });
        let inside = for_request(Some(id.clone()), uncancelled(&(), &caller, seen)).await;
        assert_eq!(inside.unwrap(), Some(id));
        assert_eq!(uncancelled(&(), &caller, seen).await.unwrap(), None, "nor any other's");
    }

    #[tokio::test]
    async fn a_panic_is_a_fault_of_ours_and_not_of_the_database() {
        let caller = caller();
        let broken = uncancelled(&(), &caller, |(), _| async move {
            std::hint::black_box(None::<()>).unwrap();
            Ok(())
        });
        let error = broken.await.unwrap_err();
        assert!(matches!(error, ServiceError::Panicked(_)), "{error:?}");
        assert_eq!(error.code(), "panic");
        let problem = error.into_problem();
        assert_eq!(problem.code, ProblemCode::Internal);
        assert!(!format!("{problem:?}").contains("unwrap"), "{problem:?}");
    }
}
