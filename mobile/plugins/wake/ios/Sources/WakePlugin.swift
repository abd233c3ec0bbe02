// Has this app woken through Apple's service. Leave to show notices is asked for no earlier than a pairing wants to be woken, and once: the system
// remembers the answer. The words of a notice are the app's own, under the key "look" of its Localizable.strings; nothing of a message is read.
//
// Tauri hands its plugins none of the two answers that the system gives the app's delegate, and has no delegate of ours to write them into: the class
// is made at run time (tao's `AppDelegate`), and the project that `tauri ios init` makes has none. So the two methods are added to that class while it
// has none such; where somebody else has added them already, nothing is exchanged, and the phone is not woken.

import ObjectiveC
import SwiftRs
import Tauri
import UIKit
import UserNotifications

private struct WatchArgs: Decodable {
  let handler: Channel
}

private struct RegisterArgs: Decodable {
  let pairing: String
}

private struct ForgetArgs: Decodable {
  let last: Bool
}

private struct Report: Encodable {
  let kind: String
  var pairing: String?
  var again: Bool?
  var token: String?
}

class WakePlugin: Plugin, UNUserNotificationCenterDelegate {
  // Both are of the main thread alone.
  private var handler: Channel?
  private var wokenBefore = false

  @objc public func watch(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(WatchArgs.self)
    DispatchQueue.main.async {
      self.handler = args.handler
      if self.wokenBefore { self.tell(Report(kind: "woken")) }
      self.wokenBefore = false
    }
    invoke.resolve([:] as JsonObject)
  }

  @objc public func register(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(RegisterArgs.self)
    UNUserNotificationCenter.current().requestAuthorization(options: [.alert, .sound]) { granted, _ in
      DispatchQueue.main.async {
        if granted && self.answersAreHeard {
          UIApplication.shared.registerForRemoteNotifications()
        } else {
          self.tell(Report(kind: "failed", pairing: args.pairing, again: false))
        }
      }
    }
    invoke.resolve([:] as JsonObject)
  }

  /// One token is for all pairings: it is given up with the last of them.
  @objc public func forget(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(ForgetArgs.self)
    if args.last { DispatchQueue.main.async { UIApplication.shared.unregisterForRemoteNotifications() } }
    invoke.resolve([:] as JsonObject)
  }

  private lazy var answersAreHeard: Bool = {
    guard let delegate = UIApplication.shared.delegate, let made = object_getClass(delegate) else { return false }
    let given = NSSelectorFromString("application:didRegisterForRemoteNotificationsWithDeviceToken:")
    let refused = NSSelectorFromString("application:didFailToRegisterForRemoteNotificationsWithError:")
    guard class_getInstanceMethod(made, given) == nil, class_getInstanceMethod(made, refused) == nil else { return false }
    let onGiven: @convention(block) (AnyObject, UIApplication, NSData) -> Void = { [weak self] _, _, token in
      let digits = (token as Data).map { String(format: "%02x", $0) }.joined()
      self?.tell(Report(kind: "token", token: digits))
    }
    let onRefused: @convention(block) (AnyObject, UIApplication, NSError) -> Void = { [weak self] _, _, _ in
      self?.tell(Report(kind: "failed", again: true))
    }
    // Gives nothing; takes itself, the selector, the app, and what is told.
    let form = "v@:@@"
    guard class_addMethod(made, given, imp_implementationWithBlock(onGiven), form),
      class_addMethod(made, refused, imp_implementationWithBlock(onRefused), form)
    else { return false }
    // The system remembers what a delegate answers from when it was set.
    UIApplication.shared.delegate = nil
    UIApplication.shared.delegate = delegate
    return true
  }()

  private func tell(_ report: Report) {
    try? handler?.send(report)
  }

  private func woken() {
    DispatchQueue.main.async {
      if self.handler == nil { self.wokenBefore = true } else { self.tell(Report(kind: "woken")) }
    }
  }

  /// While the person sees the app it shows what waits itself.
  func userNotificationCenter(
    _ center: UNUserNotificationCenter, willPresent notification: UNNotification,
    withCompletionHandler completionHandler: @escaping (UNNotificationPresentationOptions) -> Void
  ) {
    woken()
    completionHandler([])
  }

  func userNotificationCenter(
    _ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse,
    withCompletionHandler completionHandler: @escaping () -> Void
  ) {
    woken()
    completionHandler()
  }
}

@_cdecl("init_plugin_wake")
func initPlugin() -> Plugin {
  let plugin = WakePlugin()
  // Before the start is over: else the notice that started the app is told to nobody.
  UNUserNotificationCenter.current().delegate = plugin
  return plugin
}
