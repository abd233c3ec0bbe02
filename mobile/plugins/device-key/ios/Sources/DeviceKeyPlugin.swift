// Two keys of P-256 in the Secure Enclave for each pairing: one signs, one agrees. Each use is unlocked by a prompt of its own, for the finger or the
// face alone: the phone's code opens neither, and new fingers or faces make both useless. Neither leaves this device. Apple attests no such key: by App Attest it vouches for this app on this device, and for a hash
// that the program makes of both keys' points and the pairing (`keycard::pairing::ClientData`).

import DeviceCheck
import LocalAuthentication
import Security
import SwiftRs
import Tauri
import UIKit

private struct CreateArgs: Decodable {
  let alias: String
  let challenge: String
}

private struct NamedArgs: Decodable {
  let alias: String
}

private struct SignArgs: Decodable {
  let alias: String
  let message: String
  let reason: String
}

private struct AgreeArgs: Decodable {
  let alias: String
  let peer: String
  let reason: String
}

private struct AttestArgs: Decodable {
  let hash: String
}

private enum Use: String, CaseIterable {
  case sign, agree
}

private enum Refusal: String, Error {
  case alreadyThere = "already-there"
  case cancelled, gone, locked
  case notAvailable = "not-available"
  case notEnrolled = "not-enrolled"
}

class DeviceKeyPlugin: Plugin {
  @objc public func create(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(CreateArgs.self)
    answer(invoke) {
      guard (try? self.key(args.alias, .sign, nil)) == nil else { throw Refusal.alreadyThere }
      try self.biometrics()
      do {
        for use in Use.allCases { try self.generate(args.alias, use) }
        return try self.keys(args.alias)
      } catch {
        self.remove(args.alias)
        throw error
      }
    }
  }

  @objc public func publicKey(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(NamedArgs.self)
    answer(invoke) { try self.keys(args.alias) }
  }

  @objc public func sign(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(SignArgs.self)
    answer(invoke) {
      let key = try self.key(args.alias, .sign, args.reason)
      let message = try self.decode(args.message)
      var error: Unmanaged<CFError>?
      let signature = SecKeyCreateSignature(key, .ecdsaSignatureMessageX962SHA256, message as CFData, &error)
      guard let signature else { throw self.refusal(error) }
      return ["signature": self.encode(signature as Data)]
    }
  }

  @objc public func agree(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(AgreeArgs.self)
    answer(invoke) {
      let key = try self.key(args.alias, .agree, args.reason)
      let kind: [CFString: Any] = [kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom, kSecAttrKeyClass: kSecAttrKeyClassPublic]
      var error: Unmanaged<CFError>?
      guard let peer = SecKeyCreateWithData(try self.decode(args.peer) as CFData, kind as CFDictionary, &error) else { throw Refusal.notAvailable }
      let secret = SecKeyCopyKeyExchangeResult(key, .ecdhKeyExchangeStandard, peer, [:] as CFDictionary, &error)
      guard let secret else { throw self.refusal(error) }
      return ["secret": self.encode(secret as Data)]
    }
  }

  /// The key of App Attest is made for this one attestation, and never used again.
  @objc public func attest(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(AttestArgs.self)
    let service = DCAppAttestService.shared
    let hash = try decode(args.hash)
    guard service.isSupported else {
      invoke.reject(Refusal.notAvailable.rawValue)
      return
    }
    service.generateKey { name, _ in
      guard let name else {
        invoke.reject(Refusal.notAvailable.rawValue)
        return
      }
      self.attest(invoke, name, hash, again: true)
    }
  }

  /// Where Apple's server is away, it is asked once more for the same key, as Apple wants it.
  private func attest(_ invoke: Invoke, _ name: String, _ hash: Data, again: Bool) {
    DCAppAttestService.shared.attestKey(name, clientDataHash: hash) { object, error in
      if let object {
        invoke.resolve(["object": self.encode(object)])
      } else if again, (error as? DCError)?.code == .serverUnavailable {
        self.attest(invoke, name, hash, again: false)
      } else {
        invoke.reject(Refusal.notAvailable.rawValue)
      }
    }
  }

  @objc public func destroy(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(NamedArgs.self)
    answer(invoke) {
      self.remove(args.alias)
      return [:]
    }
  }

  /// The prompt blocks: never on the main thread.
  private func answer(_ invoke: Invoke, _ work: @escaping () throws -> [String: String]) {
    DispatchQueue.global(qos: .userInitiated).async {
      do {
        invoke.resolve(try work())
      } catch {
        invoke.reject(((error as? Refusal) ?? Refusal.notAvailable).rawValue)
      }
    }
  }

  private func tag(_ alias: String, _ use: Use) -> Data { Data("dk.segl.\(alias).\(use.rawValue)".utf8) }

  /// Keys that nobody could open are not made.
  private func biometrics() throws {
    var error: NSError?
    if LAContext().canEvaluatePolicy(.deviceOwnerAuthenticationWithBiometrics, error: &error) { return }
    switch (error as? LAError)?.code {
    case .biometryNotEnrolled: throw Refusal.notEnrolled
    case .biometryLockout: throw Refusal.locked
    default: throw Refusal.notAvailable
    }
  }

  private func generate(_ alias: String, _ use: Use) throws {
    let flags: SecAccessControlCreateFlags = [.privateKeyUsage, .biometryCurrentSet]
    guard let access = SecAccessControlCreateWithFlags(nil, kSecAttrAccessibleWhenUnlockedThisDeviceOnly, flags, nil) else {
      throw Refusal.notAvailable
    }
    let attributes: [CFString: Any] = [
      kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom,
      kSecAttrKeySizeInBits: 256,
      kSecAttrTokenID: kSecAttrTokenIDSecureEnclave,
      kSecPrivateKeyAttrs: [
        kSecAttrIsPermanent: true, kSecAttrApplicationTag: tag(alias, use), kSecAttrAccessControl: access,
      ] as [CFString: Any],
    ]
    guard SecKeyCreateRandomKey(attributes as CFDictionary, nil) != nil else { throw Refusal.notAvailable }
  }

  private func key(_ alias: String, _ use: Use, _ reason: String?) throws -> SecKey {
    var query: [CFString: Any] = [
      kSecClass: kSecClassKey, kSecAttrApplicationTag: tag(alias, use), kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom, kSecReturnRef: true,
    ]
    if let reason {
      let context = LAContext()
      context.localizedReason = reason
      query[kSecUseAuthenticationContext] = context
    }
    var found: CFTypeRef?
    guard SecItemCopyMatching(query as CFDictionary, &found) == errSecSuccess, let found else { throw Refusal.gone }
    return found as! SecKey
  }

  private func keys(_ alias: String) throws -> [String: String] {
    var answer = ["protection": "secure-enclave"]
    for use in Use.allCases {
      guard let half = SecKeyCopyPublicKey(try key(alias, use, nil)), let point = SecKeyCopyExternalRepresentation(half, nil) else {
        throw Refusal.gone
      }
      answer[use.rawValue] = encode(point as Data)
    }
    return answer
  }

  private func remove(_ alias: String) {
    for use in Use.allCases {
      SecItemDelete([kSecClass: kSecClassKey, kSecAttrApplicationTag: tag(alias, use)] as [CFString: Any] as CFDictionary)
    }
  }

  private func refusal(_ error: Unmanaged<CFError>?) -> Refusal {
    guard let error = error?.takeRetainedValue() else { return .notAvailable }
    switch CFErrorGetCode(error) {
    case Int(errSecUserCanceled), Int(errSecAuthFailed), LAError.authenticationFailed.rawValue, LAError.userCancel.rawValue,
      LAError.appCancel.rawValue, LAError.systemCancel.rawValue:
      return .cancelled
    case LAError.biometryLockout.rawValue: return .locked
    case Int(errSecItemNotFound): return .gone
    default: return .notAvailable
    }
  }

  private func decode(_ text: String) throws -> Data {
    var base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    while base64.count % 4 != 0 { base64 += "=" }
    guard let data = Data(base64Encoded: base64) else { throw Refusal.notAvailable }
    return data
  }

  private func encode(_ data: Data) -> String {
    data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
      .replacingOccurrences(of: "=", with: "")
  }
}

@_cdecl("init_plugin_device_key")
func initPlugin() -> Plugin { DeviceKeyPlugin() }
